# Functions that register tests.

# Compile-time surroundings of every test program: internal headers are visible, asserts are on in every build type.
function(maxent_test_program target)
    target_include_directories(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_compile_options(${target} PRIVATE -UNDEBUG)
    target_compile_definitions(${target} PRIVATE "MAXENT_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_link_libraries(${target} PRIVATE maxent_static m)
endfunction()

# maxent_test(NAME name SOURCES a.c ... [LABELS slow ...] [TIMEOUT seconds] [FAILING_ALLOC] [FAILING_IO] [TIMED])
#
# A cmocka program linked with the static library. FAILING_ALLOC adds tests/support/failing_alloc.c, which can make the k-th
# allocation of the program and the library fail; FAILING_IO adds tests/support/failing_io.c, the same for files. TIMED: what the test
# expects hangs on the time it has, so that under valgrind only what valgrind finds counts.
function(maxent_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "FAILING_ALLOC;FAILING_IO;TIMED" "NAME;TIMEOUT" "SOURCES;LABELS")
    set(target test_${arg_NAME})
    add_executable(${target} ${arg_SOURCES})
    maxent_test_program(${target})
    target_link_libraries(${target} PRIVATE cmocka::cmocka)
    if(arg_FAILING_ALLOC)
        maxent_wrap(${target} failing_alloc.c malloc calloc realloc aligned_alloc posix_memalign)
    endif()
    if(arg_FAILING_IO)
        maxent_wrap(${target} failing_io.c fopen fdopen open mkstemp fread fgets fgetc getc read fwrite fputs fputc putc
            fprintf vfprintf write fflush fsync fclose close rename linkat ferror)
    endif()
    set(command ${target})
    if(MAXENT_VALGRIND AND arg_TIMED)
        set(command ${PROJECT_SOURCE_DIR}/tests/support/memcheck_only.sh ${MAXENT_VALGRIND_COMMAND} --leak-check=no $<TARGET_FILE:${target}>)
    endif()
    maxent_add_test("${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}" ${command})
endfunction()

# Links a file of tests/support and routes the named functions through its __wrap_ versions.
function(maxent_wrap target source)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/${source})
    foreach(function ${ARGN})
        target_link_options(${target} PRIVATE LINKER:--wrap=${function})
    endforeach()
endfunction()

# maxent_script_test(NAME name SCRIPT file.py [ARGS ...] [LABELS slow ...] [TIMEOUT seconds])
#
# A Python script: passes when it exits 0. In its environment: MAXENT (the program), MAXENT_SOURCE (the project's folder).
function(maxent_script_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;SCRIPT;TIMEOUT" "ARGS;LABELS")
    maxent_add_test("${arg_NAME}" "${arg_LABELS}" "${arg_TIMEOUT}"
        Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT} ${arg_ARGS})
    set_property(TEST ${arg_NAME} APPEND PROPERTY ENVIRONMENT
        "MAXENT=${MAXENT_PROGRAM}" "MAXENT_SOURCE=${PROJECT_SOURCE_DIR}" "PYTHONDONTWRITEBYTECODE=1")
endfunction()

# maxent_fuzz(NAME name SOURCES a.c ... CORPUS folder)
#
# A program around LLVMFuzzerTestOneInput. Ordinary builds replay every file of the corpus as a test; with MAXENT_FUZZ=ON
# (clang) the same program hunts for new inputs: build-fuzz/tests/.../fuzz_NAME tests/fuzz/corpus/NAME
function(maxent_fuzz)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;CORPUS" "SOURCES")
    cmake_path(ABSOLUTE_PATH arg_CORPUS BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    set(target fuzz_${arg_NAME})
    add_executable(${target} ${arg_SOURCES})
    maxent_test_program(${target})
    if(MAXENT_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        maxent_add_test(${target} "" "" ${target} -runs=0 ${arg_CORPUS})
    else()
        target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c)
        maxent_add_test(${target} "" "" ${target} ${arg_CORPUS})
    endif()
endfunction()

# add_test with our labels and a time limit, because no test may hang; under valgrind when MAXENT_VALGRIND is on.
function(maxent_add_test name labels timeout)
    set(command ${ARGN})
    if(NOT timeout)
        set(timeout 120)
    endif()
    if(MAXENT_VALGRIND)
        list(GET command 0 program)
        if(TARGET ${program} AND NOT program STREQUAL "Python3::Interpreter")
            list(REMOVE_AT command 0)
            list(PREPEND command ${MAXENT_VALGRIND_COMMAND} $<TARGET_FILE:${program}>)
        endif()
        math(EXPR timeout "20 * ${timeout}")
    endif()
    add_test(NAME ${name} COMMAND ${command})
    set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout}
        ENVIRONMENT "OMP_WAIT_POLICY=passive;ASAN_OPTIONS=detect_leaks=1;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

# The program that the scripts run: the one that was built, or valgrind around it.
set(MAXENT_PROGRAM ${PROJECT_BINARY_DIR}/maxent)
if(MAXENT_VALGRIND)
    find_program(VALGRIND valgrind REQUIRED)
    set(MAXENT_VALGRIND_COMMAND ${VALGRIND} --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect
        --suppressions=${PROJECT_SOURCE_DIR}/tests/support/valgrind.supp)
    list(JOIN MAXENT_VALGRIND_COMMAND " " words)
    file(WRITE ${PROJECT_BINARY_DIR}/valgrind/maxent "#!/bin/sh\nexec ${words} ${PROJECT_BINARY_DIR}/maxent \"$@\"\n")
    file(CHMOD ${PROJECT_BINARY_DIR}/valgrind/maxent PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    set(MAXENT_PROGRAM ${PROJECT_BINARY_DIR}/valgrind/maxent)
endif()

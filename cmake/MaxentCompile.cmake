# How everything is compiled: C11, one set of warnings, IEEE arithmetic as written, hidden symbols.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

set(MAXENT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla)
if(MAXENT_WERROR)
    list(APPEND MAXENT_WARNINGS -Werror)
endif()

# No fused multiply-add unless a kernel asks for it, so that every machine gives the same bits; never -ffast-math.
add_compile_options(${MAXENT_WARNINGS} -ffp-contract=off)
add_compile_definitions(_POSIX_C_SOURCE=200809L)

if(MAXENT_SANITIZE)
    set(flags -fsanitize=${MAXENT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_compile_options(${flags})
    add_link_options(${flags})
endif()
if(MAXENT_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(MAXENT_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()

# What a target made of the library needs: the public headers, and the libraries below it. Those of the static library reach
# the programs that link it; in an installed copy OpenMP is then the compiler's own flag, so that no path is frozen.
function(maxent_library target)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME maxent)
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${target} PRIVATE ZLIB::ZLIB zstd::zstd Threads::Threads m)
    if(OpenMP_C_FOUND)
        target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:OpenMP::OpenMP_C>)
        if(target STREQUAL maxent_static)
            target_link_options(${target} INTERFACE $<INSTALL_INTERFACE:${OpenMP_C_FLAGS}>)
        endif()
    endif()
endfunction()

# Extra compiler flags for one source file of the library, from its stage's CMakeLists.txt:
#     maxent_source_flags(kernels_avx2.c -mavx2 -mfma)
# Such files are unrolled arithmetic, over which clang's UBSan takes ten minutes, so with clang they go without it; the asan
# preset, by gcc, has it.
function(maxent_source_flags file)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
        message(FATAL_ERROR "maxent_source_flags: there is no ${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    endif()
    set(flags ${ARGN})
    if(MAXENT_SANITIZE AND CMAKE_C_COMPILER_ID MATCHES Clang)
        list(APPEND flags -fno-sanitize=undefined)
    endif()
    set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/${file} TARGET_DIRECTORY maxent_objects
        PROPERTIES COMPILE_OPTIONS "${flags}")
endfunction()

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

# The public headers, the private ones while building, and the libraries that ours needs, for one of its targets.
# Dependencies are public for the static library (the linker needs them) and private for the shared one.
function(maxent_library target)
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME maxent)
    target_link_libraries(${target} PRIVATE ZLIB::ZLIB zstd::zstd Threads::Threads m)
    if(OpenMP_C_FOUND)
        target_link_libraries(${target} PRIVATE OpenMP::OpenMP_C)
    endif()
endfunction()

# Extra compiler flags for one source file of the library, from its stage's CMakeLists.txt:
#     maxent_source_flags(kernels_avx2.c -mavx2 -mfma)
function(maxent_source_flags file)
    set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/${file} TARGET_DIRECTORY maxent_objects
        PROPERTIES COMPILE_OPTIONS "${ARGN}")
endfunction()

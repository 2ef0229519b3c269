# What `cmake --install` puts where: headers, libraries, pkg-config file, CMake package, manual, completions, documents.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/maxent)

install(DIRECTORY include/maxent DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS maxent_shared EXPORT maxentShared
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS maxent_static EXPORT maxentStatic ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT maxentShared NAMESPACE maxent:: DESTINATION ${package_dir})
install(EXPORT maxentStatic NAMESPACE maxent:: DESTINATION ${package_dir})

configure_package_config_file(cmake/maxentConfig.cmake.in ${PROJECT_BINARY_DIR}/package/maxentConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/maxentConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/package/maxentConfig.cmake
    ${PROJECT_BINARY_DIR}/package/maxentConfigVersion.cmake
    cmake/Findzstd.cmake
    DESTINATION ${package_dir})

# GNUInstallDirs allows absolute directories, so each is written as the prefix plus the rest only where that is true.
foreach(name LIBDIR INCLUDEDIR)
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${name}}")
        set(MAXENT_PC_${name} "${CMAKE_INSTALL_${name}}")
    else()
        set(MAXENT_PC_${name} "\${prefix}/${CMAKE_INSTALL_${name}}")
    endif()
endforeach()
set(MAXENT_PC_PRIVATE "${OpenMP_C_FLAGS} -lzstd -lz -lm ${CMAKE_THREAD_LIBS_INIT}")
string(STRIP "${MAXENT_PC_PRIVATE}" MAXENT_PC_PRIVATE)
configure_file(cmake/maxent.pc.in ${PROJECT_BINARY_DIR}/package/maxent.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/maxent.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

file(GLOB man1 CONFIGURE_DEPENDS man/*.1)
file(GLOB man3 CONFIGURE_DEPENDS man/*.3)
file(GLOB man5 CONFIGURE_DEPENDS man/*.5)
install(FILES ${man1} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${man3} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
install(FILES ${man5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)

install(FILES completions/maxent.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME maxent)
install(FILES completions/_maxent DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/maxent.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "conventions.md" EXCLUDE)
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILES_MATCHING
    PATTERN "*.facts" PATTERN "*.csv" PATTERN "*.txt" PATTERN "*.c" PATTERN "CMakeLists.txt" EXCLUDE)

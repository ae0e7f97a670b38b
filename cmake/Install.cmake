# cmake --install: library, headers, command, worker program, pkg-config file and CMake package. Everything is relative
# to the prefix, so that an installed tree can be moved.

include(CMakePackageConfigHelpers)

# The names that a static link needs, as linker flags (sheaf.pc) and as a list (SheafConfig.cmake). A directory is
# named only where the linker would not look by itself.
set(static_flags "")
set(static_list "")
function(add_static_library path)
  get_filename_component(directory ${path} DIRECTORY)
  get_filename_component(name ${path} NAME_WE)
  string(REGEX REPLACE "^lib" "" name ${name})
  file(REAL_PATH ${directory} real)
  set(flags "-l${name}")
  if(NOT directory IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES AND NOT real IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    set(flags "-L${directory} -l${name}")
    set(name ${path})
  endif()
  set(static_flags "${static_flags} ${flags}" PARENT_SCOPE)
  set(static_list ${static_list} ${name} PARENT_SCOPE)
endfunction()

foreach(library ${library_links})
  if(EXISTS "${library}")
    add_static_library(${library})
  elseif(NOT library MATCHES "::")
    string(APPEND static_flags " -l${library}")
    list(APPEND static_list ${library})
  endif()
endforeach()
foreach(name ${OpenMP_C_LIB_NAMES})
  string(APPEND static_flags " -l${name}")
  list(APPEND static_list ${name})
endforeach()
list(REMOVE_DUPLICATES static_list)
string(STRIP "${static_flags}" static_flags)

install(TARGETS sheaf sheaf_static
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS sheaf_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS sheaf_worker RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/sheaf)
install(DIRECTORY include/sheaf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${generated}/sheaf/functions.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sheaf)
install(FILES docs/sheaf.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Where the prefix lies as seen from the pkg-config and CMake files.
file(RELATIVE_PATH pc_to_prefix /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
configure_file(cmake/sheaf.pc.in ${PROJECT_BINARY_DIR}/sheaf.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sheaf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(config_directory ${CMAKE_INSTALL_LIBDIR}/cmake/Sheaf)
configure_package_config_file(cmake/SheafConfig.cmake.in ${PROJECT_BINARY_DIR}/SheafConfig.cmake
  INSTALL_DESTINATION ${config_directory} PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/SheafConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/SheafConfig.cmake ${PROJECT_BINARY_DIR}/SheafConfigVersion.cmake
  DESTINATION ${config_directory})

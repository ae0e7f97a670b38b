# libsheaf: one set of objects, from which come the shared library, the static library (with internal names made
# local) and the tests, which may use internal names.

add_library(sheaf_flags INTERFACE)
target_compile_options(sheaf_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion
                       "$<$<COMPILE_LANGUAGE:C>:-Wshadow;-Wstrict-prototypes>" $<$<BOOL:${SHEAF_WERROR}>:-Werror>)
if(SHEAF_SANITIZE STREQUAL "address")
  set(sanitize_options -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(SHEAF_SANITIZE STREQUAL "thread")
  set(sanitize_options -fsanitize=thread -fno-omit-frame-pointer)
endif()
target_compile_options(sheaf_flags INTERFACE ${sanitize_options})
target_link_options(sheaf_flags INTERFACE ${sanitize_options})

# functions.h, the C prototypes of the catalogue, from functions.def.
set(generated ${PROJECT_BINARY_DIR}/generated)
add_executable(sheaf_generate cmake/generate.c)
target_include_directories(sheaf_generate PRIVATE src include)
add_custom_command(OUTPUT ${generated}/sheaf/functions.h
  COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}/sheaf
  COMMAND sheaf_generate header > ${generated}/sheaf/functions.h
  DEPENDS sheaf_generate src/ops/functions.def VERBATIM)
add_custom_target(sheaf_functions_h DEPENDS ${generated}/sheaf/functions.h)

add_library(sheaf_objects OBJECT)
add_dependencies(sheaf_objects sheaf_functions_h)
foreach(room base array par blas ops lang io plugin worker batch kernels)
  file(GLOB sources CONFIGURE_DEPENDS src/${room}/*.c)
  target_sources(sheaf_objects PRIVATE ${sources})
endforeach()
if(SHEAF_VQSORT)
  target_sources(sheaf_objects PRIVATE src/kernels/sort_vqsort.cc)
  set_source_files_properties(src/kernels/sort_vqsort.cc PROPERTIES COMPILE_OPTIONS "-fno-exceptions;-fno-rtti"
                              COMPILE_FLAGS "-O2")
endif()
# Where the compiler of one's own C finds sheaf/plugin.h, unless it is beside the program.
set_source_files_properties(src/plugin/compiler.c PROPERTIES COMPILE_DEFINITIONS
  "SHEAF_INCLUDE_SOURCE=\"${PROJECT_SOURCE_DIR}/include\";SHEAF_INCLUDE_GENERATED=\"${generated}\";SHEAF_INCLUDE_INSTALLED=\"${CMAKE_INSTALL_FULL_INCLUDEDIR}\"")
# Where the program of worker processes is, unless it is beside the library or the command.
set_source_files_properties(src/worker/start.c PROPERTIES COMPILE_DEFINITIONS
  "SHEAF_WORKER_INSTALLED=\"${CMAKE_INSTALL_FULL_LIBEXECDIR}/sheaf/sheaf-worker\"")
set_target_properties(sheaf_objects PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden
                      CXX_VISIBILITY_PRESET hidden)
set(internal_definitions _GNU_SOURCE $<$<BOOL:${SHEAF_FFTW}>:SHEAF_FFTW> $<$<BOOL:${SHEAF_VQSORT}>:SHEAF_VQSORT>
    $<$<BOOL:${SHEAF_DEFLATE}>:SHEAF_DEFLATE> $<$<BOOL:${SHEAF_ZSTD}>:SHEAF_ZSTD>
    $<$<BOOL:${SHEAF_HDF5}>:SHEAF_HDF5> $<$<BOOL:${SHEAF_CURL}>:SHEAF_CURL>)
set(internal_includes src ${OPENBLAS_INCLUDE} ${SLEEF_INCLUDE} $<$<BOOL:${SHEAF_FFTW}>:${FFTW_INCLUDE}>
    $<$<BOOL:${SHEAF_DEFLATE}>:${DEFLATE_INCLUDE}> $<$<BOOL:${SHEAF_DEFLATE}>:${ZLIB_INCLUDE}>
    $<$<BOOL:${SHEAF_ZSTD}>:${ZSTD_INCLUDE}> $<$<BOOL:${SHEAF_HDF5}>:${HDF5_INCLUDE}>
    $<$<BOOL:${SHEAF_CURL}>:${CURL_INCLUDE}>)
# -ffp-contract=off: a fused multiply-add only where the source says so, hence the same bits on every ISA.
# Sanitizers take minutes longer over -O3, and find the same.
set(internal_options $<IF:$<BOOL:${SHEAF_SANITIZE}>,-O2,-O3> -ffp-contract=off -fno-math-errno -fno-trapping-math $<$<COMPILE_LANGUAGE:C>:-Wno-psabi>)
target_compile_definitions(sheaf_objects PRIVATE ${internal_definitions})
target_include_directories(sheaf_objects PUBLIC include ${generated} PRIVATE ${internal_includes})
target_compile_options(sheaf_objects PRIVATE $<$<COMPILE_LANGUAGE:C>:${OpenMP_C_FLAGS}> ${internal_options})
target_link_libraries(sheaf_objects PRIVATE sheaf_flags)

# The kernels, once per ISA level.
file(GLOB isa_sources CONFIGURE_DEPENDS src/kernels/isa/*.c)
set(isa_levels plain)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(isa_levels plain avx2 avx512)
endif()
set(isa_plain -DSHEAF_LEVEL=0)
set(isa_avx2 -DSHEAF_LEVEL=1 -mavx2 -mfma -mf16c)
set(isa_avx512 -DSHEAF_LEVEL=2 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mf16c -mprefer-vector-width=512)
set(library_objects $<TARGET_OBJECTS:sheaf_objects>)
# Watching the scope of each inlined local takes gcc minutes at this level; the other two, of the same sources, are watched.
if(SHEAF_SANITIZE STREQUAL "address")
  string(APPEND isa_avx2 ";-fno-sanitize-address-use-after-scope")
  # A third of the whole sanitized build otherwise; the others take longer so.
  set_source_files_properties(src/kernels/isa/columns.c PROPERTIES COMPILE_OPTIONS "-O1")
endif()
foreach(level ${isa_levels})
  add_library(sheaf_kernels_${level} OBJECT ${isa_sources})
  set_target_properties(sheaf_kernels_${level} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
  target_compile_definitions(sheaf_kernels_${level} PRIVATE ${internal_definitions})
  target_include_directories(sheaf_kernels_${level} PRIVATE include ${internal_includes})
  target_compile_options(sheaf_kernels_${level} PRIVATE ${internal_options} ${isa_${level}} -fopenmp-simd)
  target_link_libraries(sheaf_kernels_${level} PRIVATE sheaf_flags)
  list(APPEND library_objects $<TARGET_OBJECTS:sheaf_kernels_${level}>)
endforeach()

set(library_links ${OPENBLAS_LIBRARY} ${SLEEF_LIBRARY} OpenMP::OpenMP_C Threads::Threads m ${CMAKE_DL_LIBS})
find_package(Threads REQUIRED)
if(SHEAF_FFTW)
  list(APPEND library_links ${FFTW_LIBRARY} ${FFTWF_LIBRARY})
endif()
if(SHEAF_VQSORT)
  list(APPEND library_links ${HWY_CONTRIB_LIBRARY} stdc++)
endif()
if(SHEAF_DEFLATE)
  list(APPEND library_links ${DEFLATE_LIBRARY} ${ZLIB_LIBRARY})
endif()
if(SHEAF_ZSTD)
  list(APPEND library_links ${ZSTD_LIBRARY})
endif()
if(SHEAF_HDF5)
  list(APPEND library_links ${HDF5_LIBRARY})
endif()
if(SHEAF_CURL)
  list(APPEND library_links ${CURL_LIBRARY})
endif()

add_library(sheaf SHARED ${library_objects})
target_link_libraries(sheaf PRIVATE ${library_links} sheaf_flags)
target_include_directories(sheaf PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<BUILD_INTERFACE:${generated}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(sheaf PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE C)

# One relocatable object whose hidden names are local, so that a static link cannot clash with the user's names.
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/sheaf_all.o
  COMMAND ${CMAKE_LINKER} -r -o ${PROJECT_BINARY_DIR}/sheaf_all.o ${library_objects}
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${PROJECT_BINARY_DIR}/sheaf_all.o
  DEPENDS ${library_objects} COMMAND_EXPAND_LISTS VERBATIM)
add_library(sheaf_static STATIC ${PROJECT_BINARY_DIR}/sheaf_all.o)
set_target_properties(sheaf_static PROPERTIES OUTPUT_NAME sheaf LINKER_LANGUAGE C)
target_link_libraries(sheaf_static PUBLIC ${library_links})
target_include_directories(sheaf_static PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<BUILD_INTERFACE:${generated}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_dependencies(sheaf_static sheaf_functions_h)

# For tests: the objects themselves, internal names and headers included.
add_library(sheaf_internal INTERFACE)
target_sources(sheaf_internal INTERFACE ${library_objects})
target_link_libraries(sheaf_internal INTERFACE ${library_links} sheaf_flags)
target_include_directories(sheaf_internal INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include ${generated})
target_compile_definitions(sheaf_internal INTERFACE ${internal_definitions})

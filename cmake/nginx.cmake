# Sets NGINX_INCLUDE_DIRS. nginx's own configure writes the headers that make a module fit a binary, so
# without a configured build folder it is run here, on a copy, with the flags that nginx-dev records.

if(NOT NGINX_BUILD_DIR)
  set(nginx_copy ${CMAKE_BINARY_DIR}/nginx)
  set(NGINX_BUILD_DIR ${nginx_copy}/objs)
  if(NOT EXISTS ${NGINX_SOURCE_DIR}/configure)
    message(FATAL_ERROR "no nginx in ${NGINX_SOURCE_DIR}: install nginx-dev, or set NGINX_SOURCE_DIR")
  endif()
  # Made again when nginx-dev is another one.
  set(stamp ${nginx_copy}/.configured)
  if(NOT EXISTS ${stamp} OR ${NGINX_SOURCE_DIR}/src/core/nginx.h IS_NEWER_THAN ${stamp})
    message(STATUS "Configuring nginx's headers from ${NGINX_SOURCE_DIR}")
    file(REMOVE_RECURSE ${nginx_copy})
    file(COPY ${NGINX_SOURCE_DIR}/ DESTINATION ${nginx_copy})
    execute_process(
      COMMAND bash -c "NGX_CONF_FLAGS=(--with-compat --with-http_ssl_module --with-http_v2_module); \
                       if [ -f conf_flags ]; then . ./conf_flags; fi; \
                       exec ./configure \"\${NGX_CONF_FLAGS[@]}\""
      WORKING_DIRECTORY ${nginx_copy}
      OUTPUT_FILE ${nginx_copy}/configure.log
      ERROR_FILE ${nginx_copy}/configure.log
      RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "nginx's configure failed, see ${nginx_copy}/configure.log")
    endif()
    file(TOUCH ${stamp})
  endif()
endif()

set(NGINX_INCLUDE_DIRS
  ${NGINX_SOURCE_DIR}/src/core
  ${NGINX_SOURCE_DIR}/src/event
  ${NGINX_SOURCE_DIR}/src/event/modules
  ${NGINX_SOURCE_DIR}/src/event/quic
  ${NGINX_SOURCE_DIR}/src/os/unix
  ${NGINX_SOURCE_DIR}/src/http
  ${NGINX_SOURCE_DIR}/src/http/modules
  ${NGINX_SOURCE_DIR}/src/http/v2
  ${NGINX_SOURCE_DIR}/src/http/v3
  ${NGINX_BUILD_DIR})
list(FILTER NGINX_INCLUDE_DIRS EXCLUDE REGEX "^$")

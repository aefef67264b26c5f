// C++ objects in nginx's pools.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Makes an object in pool memory. Its destructor runs when the pool is destroyed. Throws bad_alloc.
template <typename T, typename... Args>
T* make(ngx_pool_t* pool, Args&&... args) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(pool, sizeof(T));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    T* object = new (cleanup->data) T(std::forward<Args>(args)...);
    cleanup->handler = [](void* data) { static_cast<T*>(data)->~T(); };
    return object;
}

}  // namespace auth_gate

#include "nginx/jwt/secrets.hpp"

#include "nginx/ngx/file.hpp"
#include "nginx/ngx/pool_object.hpp"

#include "core/jwt/secret.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace auth_gate {

namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr mode_t allowed_mode = 0640;

std::optional<std::string> fail(ngx_conf_t* cf, const char* path, const char* what) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, errno, "auth_gate: %s of secret file \"%s\" failed", what, path);
    return std::nullopt;
}

std::optional<std::string> from_file(ngx_conf_t* cf, const char* path) {
    const File file(open(path, O_RDONLY | O_CLOEXEC));
    struct stat info;
    if (!file.is_open() || fstat(file.fd(), &info) != 0) {
        return fail(cf, path, "opening");
    }
    if (!S_ISREG(info.st_mode)) {
        errno = EINVAL;
        return fail(cf, path, "opening");
    }
    if ((info.st_mode & 0777 & ~allowed_mode) != 0) {
        char mode[8];
        (void)std::snprintf(mode, sizeof(mode), "%04o", static_cast<unsigned>(info.st_mode & 0777));
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "auth_gate: secret file \"%s\" has mode %s, more than 0640 lets others at it", path, mode);
    }
    auto content = read_all(file, largest_file);
    if (!content) {
        return fail(cf, path, "reading");
    }
    std::string secret(secret_from_file_content(*content));
    wipe(*content);
    return secret;
}

std::optional<std::string> not_empty(ngx_conf_t* cf, const char* directive, ngx_str_t& source,
                                     std::optional<std::string> secret) {
    if (secret && secret->empty()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\" is empty", directive, &source);
        return std::nullopt;
    }
    return secret;
}

// Secrets that are wiped, whatever becomes of them.
struct Secrets {
    std::vector<std::string> list;

    Secrets() = default;
    ~Secrets() {
        for (std::string& secret : list) {
            wipe(secret);
        }
    }
    Secrets(const Secrets&) = delete;
    Secrets& operator=(const Secrets&) = delete;
};

Keys* make_keys(ngx_conf_t* cf, const Secrets& secrets) {
    auto* keys = make<Keys>(cf->pool);
    keys->keys.reserve(secrets.list.size());
    for (const std::string& secret : secrets.list) {
        keys->keys.emplace_back(secret);
        keys->key_ids.push_back(key_id_of(secret));
    }
    return keys;
}

// Written beside and linked into place, so that a half-written secret is never read, and of two nginx
// that start at once both use the one that came first.
bool keep(ngx_conf_t* cf, const char* path, const std::string& secret) {
    const std::string temporary = std::string(path) + "." + std::to_string(getpid());
    unlink(temporary.c_str());
    {
        const File file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.is_open() || !write_all(file, secret) || !write_all(file, "\n") || fsync(file.fd()) != 0) {
            fail(cf, path, "writing");
            unlink(temporary.c_str());
            return false;
        }
    }
    const bool kept = link(temporary.c_str(), path) == 0 || errno == EEXIST;
    if (!kept) {
        fail(cf, path, "writing");
    }
    unlink(temporary.c_str());
    return kept;
}

// nginx makes it and hands it to the workers' user (see state/directives.cpp), but later than the secret is needed.
bool make_directory(ngx_conf_t* cf, const char* path) {
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, errno, "auth_gate: making the state directory \"%s\" failed", path);
        return false;
    }
    return true;
}

}  // namespace

std::optional<std::string> configured_secret(ngx_conf_t* cf, const char* directive, ngx_str_t source) {
    const std::string_view text = view(source);
    if (text.starts_with("env:") && text.size() > 4) {
        const std::string name(text.substr(4));
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\": there is no such environment variable", directive,
                               &source);
            return std::nullopt;
        }
        return not_empty(cf, directive, source, value);
    }
    if (text.starts_with("file:") && text.size() > 5) {
        ngx_str_t path = copy(cf->pool, text.substr(5));
        if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
            return std::nullopt;
        }
        return not_empty(cf, directive, source, from_file(cf, chars(path.data)));
    }
    // It may be the secret itself.
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value in \"%s\", it must be env:NAME or file:PATH", directive);
    return std::nullopt;
}

Keys* configured_keys(ngx_conf_t* cf, const ngx_str_t* sources, ngx_uint_t count) {
    Secrets secrets;
    secrets.list.reserve(count);
    for (ngx_uint_t i = 0; i < count; ++i) {
        auto secret = configured_secret(cf, "auth_gate_secret", sources[i]);
        if (!secret) {
            return nullptr;
        }
        if (secret->size() < short_secret_size) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "auth_gate_secret \"%V\" is shorter than 32 bytes and may be guessed", &sources[i]);
        }
        secrets.list.push_back(std::move(*secret));
    }
    return make_keys(cf, secrets);
}

Keys* generated_keys(ngx_conf_t* cf, const ngx_str_t& state_path) {
    if (state_path.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "auth_gate: there is no \"auth_gate_secret\", and no \"auth_gate_state_path\" to keep a "
                      "generated one in");
        return nullptr;
    }
    const std::string directory(view(state_path));
    const std::string path = directory + "/secret";

    Secrets secrets;
    if (access(path.c_str(), F_OK) != 0) {
        auto secret = generate_secret();
        if (!secret) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "auth_gate: generating a secret failed: no randomness");
            return nullptr;
        }
        if (ngx_test_config) {
            // A test of the configuration leaves nothing behind.
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "auth_gate: no \"auth_gate_secret\", one would be generated and kept in \"%s\"",
                          path.c_str());
            secrets.list.push_back(std::move(*secret));
            return make_keys(cf, secrets);
        }
        const bool kept = make_directory(cf, directory.c_str()) && keep(cf, path.c_str(), *secret);
        wipe(*secret);
        if (!kept) {
            return nullptr;
        }
    }

    auto secret = from_file(cf, path.c_str());
    if (!secret) {
        return nullptr;
    }
    if (secret->size() < short_secret_size) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "auth_gate: the generated secret in \"%s\" is damaged; remove the file and all sessions end",
                      path.c_str());
        return nullptr;
    }
    ngx_log_error(NGX_LOG_WARN, cf->log, 0, "auth_gate: no \"auth_gate_secret\", using the generated one in \"%s\"",
                  path.c_str());
    secrets.list.push_back(std::move(*secret));
    return make_keys(cf, secrets);
}

}  // namespace auth_gate

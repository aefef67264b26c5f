-- A JWT check in Lua with its own HMAC, as one writes it for access_by_lua: OpenSSL by way of the FFI, cjson.

local ffi = require "ffi"
local cjson = require "cjson.safe"

ffi.cdef [[
typedef struct evp_md_st EVP_MD;
const EVP_MD *EVP_sha256(void);
unsigned char *HMAC(const EVP_MD *md, const void *key, int key_size, const unsigned char *data, size_t size,
                    unsigned char *digest, unsigned int *digest_size);
]]

local digest = ffi.new("unsigned char[32]")
local sha256 = ffi.C.EVP_sha256()
local secret = os.getenv("BENCH_SECRET")

local function decoded(text)
    return ngx.decode_base64((text:gsub("[-_]", { ["-"] = "+", ["_"] = "/" })))
end

local function refuse()
    return ngx.exit(ngx.HTTP_UNAUTHORIZED)
end

local function check()
    local authorization = ngx.var.http_authorization
    local header, payload, signature =
        (authorization or ""):match("^Bearer ([%w_-]+)%.([%w_-]+)%.([%w_-]+)$")
    if not header then
        return refuse()
    end
    local head = cjson.decode(decoded(header))
    if not head or head.alg ~= "HS256" then
        return refuse()
    end
    local signed = header .. "." .. payload
    ffi.C.HMAC(sha256, secret, #secret, ffi.cast("const unsigned char *", signed), #signed, digest, nil)
    if ffi.string(digest, 32) ~= decoded(signature) then
        return refuse()
    end
    local claims = cjson.decode(decoded(payload))
    if not claims or not claims.id or not claims.exp or claims.exp <= ngx.time() then
        return refuse()
    end
end

return { check = check }

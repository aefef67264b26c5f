#include "nginx/redis/replies.hpp"

#if AUTH_GATE_HIREDIS

namespace auth_gate {

namespace {

constexpr std::size_t most_elements = 8;  // of a list

redisReplyObjectFunctions hiredis_makes;

// hiredis reads one reply at a time. Without an object it ends the connection.
bool is_asked_for(const redisReadTask* task) noexcept {
    const auto* context = static_cast<const redisAsyncContext*>(task->privdata);
    return task->parent != nullptr || context->replies.head != nullptr;
}

template <auto member, typename... Args>
void* make_if_asked(const redisReadTask* task, Args... args) noexcept {
    return is_asked_for(task) ? (hiredis_makes.*member)(task, args...) : nullptr;
}

template <typename Size>
void* make_array(const redisReadTask* task, Size elements) noexcept {
    const bool is_small = static_cast<std::size_t>(elements) <= most_elements;
    return is_small && is_asked_for(task) ? hiredis_makes.createArray(task, elements) : nullptr;
}

template <typename Functions>
void guard_all(Functions& made) noexcept {
    made.createString = make_if_asked<&Functions::createString>;
    made.createArray = make_array;
    made.createInteger = make_if_asked<&Functions::createInteger>;
    made.createNil = make_if_asked<&Functions::createNil>;
    // Since hiredis 1.0.
    if constexpr (requires { made.createDouble; }) {
        made.createDouble = make_if_asked<&Functions::createDouble>;
        made.createBool = make_if_asked<&Functions::createBool>;
    }
}

}  // namespace

void guard_replies(redisAsyncContext& context) noexcept {
    static redisReplyObjectFunctions ours = [&] {
        hiredis_makes = *context.c.reader->fn;
        redisReplyObjectFunctions made = hiredis_makes;
        guard_all(made);
        return made;
    }();
    context.c.reader->fn = &ours;
    context.c.reader->privdata = &context;
}

const char* reason(const redisAsyncContext& context) noexcept {
    return context.err == REDIS_ERR_OOM ? "a reply that nobody asked for, or too large a one" : context.errstr;
}

redis::Reply reply_of(const redisReply& reply) {
    redis::Reply out;
    switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
        out.kind = redis::Reply::Kind::text;
        out.text = {reply.str, static_cast<std::size_t>(reply.len)};
        break;
    case REDIS_REPLY_ERROR:
        out.kind = redis::Reply::Kind::error;
        out.text = {reply.str, static_cast<std::size_t>(reply.len)};
        break;
    case REDIS_REPLY_INTEGER:
        out.kind = redis::Reply::Kind::number;
        out.number = reply.integer;
        break;
    case REDIS_REPLY_ARRAY:
        out.kind = redis::Reply::Kind::list;
        for (std::size_t i = 0; i < static_cast<std::size_t>(reply.elements); ++i) {
            out.items.push_back(reply_of(*reply.element[i]));
        }
        break;
    default:
        break;
    }
    return out;
}

}  // namespace auth_gate

#endif

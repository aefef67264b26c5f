// The stages of a decision, in the order of time. Each is a function that may be called again while it waits.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

struct RequestState;
struct LocationConf;

// What a stage says of the request.
class Outcome {
public:
    static Outcome go_on() noexcept { return {}; }
    static Outcome wait() noexcept { return Outcome(Refusal::none, true); }
    static Outcome refuse(Refusal refusal) noexcept { return Outcome(refusal, false); }

    bool goes_on() const noexcept { return !waits_ && refusal_ == Refusal::none; }
    bool waits() const noexcept { return waits_; }
    Refusal refusal() const noexcept { return refusal_; }

private:
    Outcome() = default;
    Outcome(Refusal refusal, bool waits) noexcept : refusal_(refusal), waits_(waits) {}

    Refusal refusal_ = Refusal::none;
    bool waits_ = false;
};

// Throws bad_alloc.
using Stage = Outcome (*)(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// How far the stages of a location have come.
struct Progress {
    const LocationConf* location = nullptr;  // null: nothing waits
    std::size_t stage = 0;
};

// Says in the log, at info, why a request is refused.
void log_refusal(ngx_http_request_t* r, std::string_view why) noexcept;

}  // namespace auth_gate

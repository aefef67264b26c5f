// A change that the gate and the application may both have a part in: what is on the disk, and whom is asked when.
#pragma once

#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/ngx/forward.hpp"

#include <string>

namespace auth_gate {

// One PUT, once it has been decided on. In the request's pool.
class AdminChange {
public:
    // Throws bad_alloc.
    AdminChange(ngx_str_t state_path, std::unique_ptr<StateEdit> edit) : saving_(state_path, std::move(edit)) {}

    // The request may end while the application is asked: the gate's part takes effect all the same.
    ~AdminChange();
    AdminChange(const AdminChange&) = delete;
    AdminChange& operator=(const AdminChange&) = delete;

    // The gate's part alone: its success is answered with this JSON, which must outlive the request.
    void begin(std::string_view success);

    // The application gets this body, and then the gate's part takes effect: if the application said yes, or, with
    // `even_in_doubt`, unless it said no. The application's answer goes to the client. Throws bad_alloc.
    void begin_with_application(ngx_http_request_t* r, std::string_view body, bool even_in_doubt);

    // What the handler is to return; nginx calls it again when there is something new. Throws bad_alloc.
    ngx_int_t go_on(ngx_http_request_t* r, RequestState& state);

private:
    enum class Step : std::uint8_t { saving, preparing, asking, committing };

    bool is_to_be_committed() const noexcept {
        return application_.succeeded || (even_in_doubt_ && !application_.refused);
    }
    void commit();
    ngx_int_t answer_of_application(ngx_http_request_t* r, RequestState& state);

    Step step_ = Step::saving;
    std::string_view success_;
    bool even_in_doubt_ = false;
    Saving saving_;
    Forwarded application_;
};

}  // namespace auth_gate

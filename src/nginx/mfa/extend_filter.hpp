// What is done when the application has answered: its JSON extended, and what hangs on its success.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

void install_extend_filters() noexcept;

}  // namespace auth_gate

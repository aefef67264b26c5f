#include "requests.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace load {

namespace {

std::ifstream open(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path);
    }
    return in;
}

std::vector<std::string> framed(const std::string& path) {
    std::ifstream in = open(path);
    std::vector<std::string> requests;
    std::size_t size = 0;
    while (in >> size) {
        in.get();
        std::string request(size, '\0');
        in.read(request.data(), static_cast<std::streamsize>(size));
        requests.push_back(std::move(request));
    }
    if (requests.empty()) {
        throw std::runtime_error("no requests in " + path);
    }
    return requests;
}

}  // namespace

Requests::Requests(const std::string& path, const std::string& tokens_path) {
    const std::vector<std::string> requests = framed(path);
    if (tokens_path.empty()) {
        for (const std::string& request : requests) {
            add(request);
        }
        return;
    }
    constexpr std::string_view place = "TOKEN";
    const std::string& model = requests.front();
    const std::size_t at = model.find(place);
    if (at == std::string::npos) {
        throw std::runtime_error("there is no TOKEN in the request");
    }
    std::ifstream tokens = open(tokens_path);
    std::string token;
    while (std::getline(tokens, token)) {
        add(std::string(model).replace(at, place.size(), token));
    }
    if (size() == 0) {
        throw std::runtime_error("no tokens in " + tokens_path);
    }
}

void Requests::add(std::string_view request) {
    text_ += request;
    begins_.push_back(text_.size());
}

std::string_view Requests::next(std::size_t count) noexcept {
    if (next_ + count > size()) {
        next_ = 0;
    }
    const std::size_t begin = begins_[next_];
    next_ += count;
    return std::string_view(text_).substr(begin, begins_[next_] - begin);
}

}  // namespace load

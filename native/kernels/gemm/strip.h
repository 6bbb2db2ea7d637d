// Images as convolutions walk through them: strips of a few rows, read through a border of zeros where
// windows stick out.
#pragma once
#include "convolution.h"

namespace pippin::PIPPIN_ISA {

// A few rows of one image, or all rows of a few images.
struct Strip {
    std::int64_t image, images, row, rows;
};

// Cuts a batch of images into strips of about `pixels` pixels.
struct Strips {
    std::int64_t batch, rows, columns, images_at_once, rows_at_once, per_image, count;

    PIPPIN_INLINE Strips(std::int64_t images, std::int64_t height, std::int64_t width, std::int64_t pixels)
        : batch(images),
          rows(height),
          columns(width),
          images_at_once(1),
          rows_at_once(height),
          per_image(1),
          count(0) {
        if (rows * columns == 0) return;
        if (rows * columns <= pixels) {
            images_at_once = at_least(at_most(pixels / (rows * columns), batch), 1);
            count = divide_up(batch, images_at_once);
        } else {
            per_image = divide_up(rows, at_least(pixels / columns, 1));
            rows_at_once = divide_up(rows, per_image);
            per_image = divide_up(rows, rows_at_once);
            count = batch * per_image;
        }
    }

    PIPPIN_INLINE Strip operator[](std::int64_t i) const {
        if (per_image == 1)
            return {i * images_at_once, at_most(images_at_once, batch - i * images_at_once), 0, rows};
        const std::int64_t image = i / per_image, row = i % per_image * rows_at_once;
        return {image, 1, row, at_most(rows_at_once, rows - row)};
    }
};

// A batch of images (height, width, channels), of which row r of a strip reads the rows [r * step + top, ...
// + reach) and the columns [left, left + columns). What lies outside of the image is zero.
struct Picture {
    std::int64_t height, width, channels;
    std::int64_t step, top, reach, left, columns;
    std::int64_t rows_at_once;  // of a strip
    bool has_border;

    PIPPIN_INLINE void choose_border(std::int64_t strip_rows) {
        has_border =
            top < 0 || left < 0 || (strip_rows - 1) * step + top + reach > height || left + columns > width;
    }
    // Floats between two rows, and between two images, of what view() gives.
    PIPPIN_INLINE std::int64_t line() const { return (has_border ? columns : width) * channels; }
    PIPPIN_INLINE std::int64_t image() const {
        return (has_border ? (rows_at_once - 1) * step + reach : height) * line();
    }
    PIPPIN_INLINE std::int64_t buffer_floats(std::int64_t images_at_once) const {
        return has_border ? at_least(images_at_once * image(), 0) : 0;  // no window may fit into it
    }

    // The strip: in place, or copied into the buffer with its border.
    PIPPIN_INLINE const float* view(const float* images, const Strip& strip, float* buffer) const {
        if (!has_border)
            return images + ((strip.image * height + strip.row * step + top) * width + left) * channels;
        for (std::int64_t i = 0; i < strip.images; ++i)
            copy(images + (strip.image + i) * height * width * channels, strip.row * step + top,
                 (strip.rows - 1) * step + reach, buffer + i * image());
        return buffer;
    }

  private:
    void copy(const float* from, std::int64_t first, std::int64_t rows, float* to) const {
        const std::int64_t before = at_most(at_least(-left, 0), columns) * channels;
        const std::int64_t inside =
            at_least(at_most(left + columns, width) - at_least(left, 0), 0) * channels;
        const std::int64_t after = columns * channels - before - inside;
        for (std::int64_t row = first; row < first + rows; ++row, to += columns * channels) {
            if (row < 0 || row >= height || inside == 0) {
                clear(to, columns * channels);
                continue;
            }
            clear(to, before);
            __builtin_memcpy(to + before, from + (row * width + at_least(left, 0)) * channels,
                             static_cast<std::size_t>(inside) * sizeof(float));
            clear(to + before + inside, after);
        }
    }
};

}  // namespace pippin::PIPPIN_ISA

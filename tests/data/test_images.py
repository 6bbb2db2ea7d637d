"""Decoding one picture: every mode and format comes out as one would see it, a fault as a plain reason."""

from __future__ import annotations

import io
import os
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from data.drawn import colours, encoded
from pippin.data import Decoding, Skipped, decode, read_picture
from pippin.data.files import LARGEST_FILE, Unreadable, printable
from pippin.data.images import LARGEST_PICTURE, quiet_pillow
from pippin.errors import SettingError

WHOLE = Decoding(40, 60)
"""The size of `colours`: nothing is resized."""


def pixels_of(data: bytes, how: Decoding = WHOLE) -> Any:
    return decode(data, how).pixels.astype(int)


def reason_for(data: bytes) -> str:
    with quiet_pillow(), pytest.raises(Unreadable) as caught:
        decode(data, WHOLE)
    return str(caught.value)


# What is seen ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "WEBP", "JPEG", "JPEG2000", "GIF"])
def test_every_format_shows_the_same_picture(format: str) -> None:
    settings = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}.get(format, {})
    difference = np.abs(pixels_of(encoded(colours(), format, **settings)) - colours())
    assert difference.mean() < {"JPEG": 2, "GIF": 12}.get(format, 0.01)


def test_pixels_are_bytes_with_the_channels_asked_for() -> None:
    for channels in (1, 3, 4):
        picture = decode(encoded(colours(), "PNG"), Decoding(8, 9, channels))
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.shape == (8, 9, channels)


def test_see_through_parts_are_laid_on_white() -> None:
    alpha = np.zeros((40, 60), np.uint8)
    alpha[:, 30:] = 255
    image = Image.fromarray(colours())
    image.putalpha(Image.fromarray(alpha))
    for data in (encoded(image, "PNG"), encoded(image.convert("LA"), "PNG"), encoded(image, "TIFF")):
        picture = decode(data, WHOLE)
        assert (picture.pixels[:, :30] == 255).all()
        assert picture.pixels[:, 30:].mean() < 250
        assert "see-through parts laid on white" in picture.notes


def test_half_see_through_is_half_white() -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 128))
    assert np.abs(pixels_of(encoded(image, "PNG")) - 127).max() <= 1


@pytest.mark.parametrize("mode", ["P", "L", "1", "RGB"])
def test_a_colour_declared_see_through_is_white(mode: str) -> None:
    image = Image.new("RGB", (60, 40), (0, 0, 0))
    image.paste((255, 0, 0) if mode in ("P", "RGB") else (255, 255, 255), (30, 0, 60, 40))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    black = image.getpixel((0, 0))
    pixels = pixels_of(encoded(image, "PNG", transparency=black))
    assert (pixels[:, :30] == 255).all()
    assert (
        pixels[:, 30:].min(axis=(0, 1)) == ([254, 0, 0] if mode in ("P", "RGB") else [255] * 3)
    ).all() or (pixels[:, 30:, 0] > 250).all()


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    deep = np.linspace(0, 65535, 60).astype(np.uint16)[None].repeat(40, axis=0)
    for format in ("PNG", "TIFF", "PPM"):
        picture = decode(encoded(Image.fromarray(deep), format), WHOLE)
        expected = deep / 257
        assert np.abs(picture.pixels[..., 0] - expected).max() <= 1, format
        assert "more than 8 bits a pixel: scaled to 8" in picture.notes


def test_a_dark_sixteen_bit_picture_stays_dark() -> None:
    dark = np.full((40, 60), 2570, np.uint16)
    assert (pixels_of(encoded(Image.fromarray(dark), "PNG")) == 10).all()


@pytest.mark.parametrize("top", [1.0, 255.0, 3000.0])
def test_float_pictures_fill_the_range_of_bytes(top: float) -> None:
    ramp = np.linspace(0, top, 60, dtype=np.float32)[None].repeat(40, axis=0)
    assert (
        np.abs(pixels_of(encoded(Image.fromarray(ramp), "TIFF"))[0, :, 0] - np.linspace(0, 255, 60)).max()
        <= 1
    )


def test_nan_and_infinity_in_a_float_picture_become_black_and_white() -> None:
    image = np.full((40, 60), 0.5, np.float32)
    image[0, :3] = np.nan, np.inf, -np.inf
    assert pixels_of(encoded(Image.fromarray(image), "TIFF"))[0, :4, 0].tolist() == [0, 255, 0, 128]


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk_shows_its_colours(format: str) -> None:
    data = encoded(Image.fromarray(colours()).convert("CMYK"), format)
    assert np.abs(pixels_of(data) - colours()).mean() < 3


def test_one_bit_pictures_are_black_and_white() -> None:
    assert set(np.unique(pixels_of(encoded(Image.fromarray(colours()).convert("1"), "PNG")))) == {0, 255}


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_used(format: str) -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue", "lime")]
    data = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=50)
    picture = decode(data, WHOLE)
    assert (picture.pixels[20, 30] > 200).tolist() == [True, False, False]
    assert any("first" in note for note in picture.notes)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_exif_orientation_comes_out_upright(orientation: int, format: str) -> None:
    upright = Image.fromarray(colours())
    T = Image.Transpose
    undo = {
        2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE,
        6: T.ROTATE_90, 7: T.TRANSVERSE, 8: T.ROTATE_270,
    }  # fmt: skip
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for how in (WHOLE, Decoding(20, 30, fit="stretch"), Decoding(24, 24)):
        turned = decode(encoded(stored, format, exif=exif), how).pixels.astype(int)
        assert np.abs(turned - decode(encoded(upright, format), how).pixels).mean() < 4


def test_damaged_exif_does_not_lose_the_picture() -> None:
    with quiet_pillow():
        assert decode(encoded(colours(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"), WHOLE).kind == "JPEG"


# How it is fitted ------------------------------------------------------------------------------------------


def bars() -> bytes:
    """Red, a green square in the middle, blue: 120 wide, 40 high."""
    image = Image.new("RGB", (120, 40), "red")
    image.paste((0, 255, 0), (40, 0, 80, 40))
    image.paste((0, 0, 255), (80, 0, 120, 40))
    return encoded(image, "PNG")


def test_crop_keeps_the_middle_and_its_proportions() -> None:
    pixels = pixels_of(bars(), Decoding(32, 32))
    assert (pixels[:, 1:-1].reshape(-1, 3) == [0, 255, 0]).all()


def test_stretch_keeps_all_of_the_picture() -> None:
    row = pixels_of(bars(), Decoding(32, 32, fit="stretch"))[16]
    assert row[[2, 16, 29]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_pad_keeps_all_and_adds_black_bars() -> None:
    pixels = pixels_of(bars(), Decoding(30, 30, fit="pad"))
    assert (pixels[:10] == 0).all()
    assert (pixels[20:] == 0).all()
    assert pixels[15, [2, 15, 27]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


@given(
    some.tuples(some.integers(1, 70), some.integers(1, 70)),
    some.tuples(some.integers(1, 40), some.integers(1, 40)),
    some.sampled_from(["crop", "stretch", "pad"]),
    some.sampled_from(["smooth", "bilinear", "area"]),
)
def test_any_size_fits_into_any_other(size: Any, wanted: Any, fit: str, interpolation: str) -> None:
    image = Image.new("RGB", size, (10, 200, 90))
    pixels = pixels_of(encoded(image, "PNG"), Decoding(*wanted, fit=fit, interpolation=interpolation))
    assert pixels.shape == (*wanted, 3)
    assert fit == "pad" or (pixels == (10, 200, 90)).all()


def test_shrinking_averages_so_that_fine_stripes_turn_grey() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    pixels = pixels_of(encoded(stripes, "PNG"), Decoding(16, 16))
    assert np.abs(pixels[:, 1:-1] - 127.5).max() < 6


def test_a_jpeg_decoded_small_looks_like_one_decoded_whole() -> None:
    data = encoded(colours(3, 800, 1000), "JPEG", quality=95)
    small = pixels_of(data, Decoding(48, 48))
    whole = pixels_of(encoded(Image.open(io.BytesIO(data)), "PNG"), Decoding(48, 48))
    assert np.abs(small - whole).mean() < 1
    assert np.abs(small - whole).max() <= 8


@pytest.mark.parametrize(
    "settings",
    [{"height": 0, "width": 5}, {"height": 5, "width": 2.5}, {"height": 5, "width": 5, "channels": 2},
     {"height": 5, "width": 5, "fit": "cropp"}, {"height": 5, "width": 5, "interpolation": "bilinea"}],
)  # fmt: skip
def test_impossible_settings_are_refused(settings: Any) -> None:
    with pytest.raises(SettingError):
        Decoding(**settings)


def test_a_typo_in_fit_is_met_with_the_right_word() -> None:
    with pytest.raises(SettingError, match='Did you mean "crop"'):
        Decoding(5, 5, fit="cropp")


# What is no picture ----------------------------------------------------------------------------------------


def test_reasons_are_plain() -> None:
    jpeg = encoded(colours(0, 100, 200), "JPEG")
    assert reason_for(b"") == "empty file"
    assert reason_for(jpeg[:1204]) == "JPEG ends early at 1,204 bytes"
    assert reason_for(b"<html><body>404</body></html>") == "starts with '<html': a web page, not a picture"
    assert "a web page" in reason_for(b"\xef\xbb\xbf\n <!DOCTYPE html><p>Sorry, try later")
    assert reason_for(b"Just some notes.\n") == "starts with 'Just some notes.': text, not a picture"
    assert "text" in reason_for("Äpfel und Birnen, 12 kg".encode())
    assert "git lfs pull" in reason_for(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    )
    assert reason_for(bytes(5000)) == "starts with 512 zero bytes: a copy or download that never finished?"
    assert "HEIC" in reason_for(b"\0\0\0\x24ftypheic" + bytes(40))
    assert "video" in reason_for(b"\0\0\0\x24ftypmp42" + bytes(40))
    assert "PDF" in reason_for(b"%PDF-1.7\n" + bytes(40))
    assert "SVG" in reason_for(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'></svg>")
    assert "bytes 07 f1" in reason_for(bytes([7, 0xF1, 0x80, 0xFF] * 20))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000"])
def test_a_file_cut_anywhere_is_a_picture_or_a_reason(format: str) -> None:
    data = encoded(colours(), format)
    for end in sorted({*range(0, 64, 3), *range(0, len(data), max(len(data) // 40, 1))}):
        with quiet_pillow():
            try:
                decode(data[:end], WHOLE)
            except Unreadable as error:
                assert str(error)
                assert "unpack" not in str(error)


@given(
    some.binary(max_size=300),
    some.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBP"]),
)
def test_no_bytes_make_it_crash(data: bytes, start: bytes) -> None:
    with quiet_pillow():
        try:
            decode(start + data, Decoding(4, 4))
        except Unreadable as error:
            assert str(error)


def png_header(width: int, height: int) -> bytes:
    """A tiny 1-bit PNG that says it is large, with next to no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused_by_its_header() -> None:
    assert reason_for(png_header(30_000, 30_000)) == "900 megapixels; the limit is 179"


def test_the_limit_holds_when_pillows_own_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert "megapixels; the limit is 179" in reason_for(png_header(LARGEST_PICTURE // 1000 + 1, 1000))


# Files -----------------------------------------------------------------------------------------------------


def skipped(path: Path) -> Skipped:
    outcome = read_picture(path, WHOLE)
    assert isinstance(outcome, Skipped)
    assert outcome.path == str(path)
    return outcome


def test_a_wrong_extension_is_read_by_content_and_noted(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(colours(), "PNG"))
    (tmp_path / "b.JPG").write_bytes(encoded(colours(), "JPEG"))
    (tmp_path / "c").write_bytes(encoded(colours(), "WEBP"))
    notes = [read_picture(tmp_path / name, WHOLE).notes for name in ("a.jpg", "b.JPG", "c")]  # type: ignore[union-attr]
    assert notes == [("named .jpg but a PNG inside",), (), ()]


def test_a_pipe_a_socket_and_a_device_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert skipped(tmp_path / "pipe.jpg").reason == "a named pipe, not a picture file"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.jpg"))
        assert skipped(tmp_path / "s.jpg").reason == "a socket, not a picture file"
    assert skipped(Path("/dev/zero")).reason == "a device, not a picture file"
    assert skipped(tmp_path).reason == "a folder, not a picture file"


def test_links_that_lead_nowhere_say_where_they_point(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nothing.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    assert "does not exist" in skipped(tmp_path / "gone.jpg").reason
    assert "nothing.jpg" in skipped(tmp_path / "gone.jpg").reason
    assert "back to itself" in skipped(tmp_path / "loop.jpg").reason


def test_a_vanished_or_forbidden_file_is_named_with_its_errno(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert skipped(tmp_path / "gone.jpg").reason == "No such file or directory (ENOENT)"
    (tmp_path / "a.png").write_bytes(encoded(colours(), "PNG"))

    def forbid(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbid)
    outcome = skipped(tmp_path / "a.png")
    assert outcome.reason == "Permission denied (EACCES)"
    assert outcome.is_passing


def test_a_file_beyond_all_reason_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "the limit" in skipped(tmp_path / "huge.jpg").reason


def test_names_are_printed_without_breaking_the_line() -> None:
    assert printable("äpfel 🍎 1.jpg") == "äpfel 🍎 1.jpg"
    assert printable("a\nb\x1b[31m.jpg") == r"a\nb\x1b[31m.jpg"
    assert printable(os.fsdecode(b"\xff.jpg")) == r"\xff.jpg"
    assert str(Skipped("a\nb.jpg", "empty file")) == r"a\nb.jpg: empty file"


# The awkward files that others have collected --------------------------------------------------------------


def test_every_odd_file_is_loaded_or_has_a_reason(SHARED: Path) -> None:
    files = sorted(path for path in (SHARED / "data" / "odd").rglob("*") if path.is_file())
    with quiet_pillow():
        outcomes = {path.name: read_picture(path, Decoding(32, 32)) for path in files}
    lost = {name: outcome.reason for name, outcome in outcomes.items() if isinstance(outcome, Skipped)}
    assert len(files) > 190
    assert all(lost.values())
    pictures = {name for name in outcomes if name.endswith((".png", ".jpg"))}
    # PngSuite's x*.png are broken; only the one with a wrong checksum of its pixels can be seen all the same.
    assert pictures - set(lost) >= {name for name in pictures if not name.startswith("x")}
    assert pictures & set(lost) >= {name for name in pictures if name.startswith("x")} - {"xcsn0g01.png"}


def test_pngsuites_gray_levels_agree_at_every_depth(SHARED: Path) -> None:
    folder = SHARED / "data" / "odd" / "pngsuite" / "png"
    eight = decode((folder / "basn0g08.png").read_bytes(), Decoding(32, 32, 1)).pixels
    interlaced = decode((folder / "basi0g08.png").read_bytes(), Decoding(32, 32, 1)).pixels
    assert np.array_equal(eight, interlaced)
    for name in ("basn0g16.png", "basn2c16.png", "basn4a16.png", "tbwn0g16.png"):
        assert decode((folder / name).read_bytes(), Decoding(32, 32)).pixels.std() > 20, name


@pytest.mark.parametrize("kind", ["Landscape", "Portrait"])
def test_photos_of_all_orientations_look_alike(SHARED: Path, kind: str) -> None:
    folder = SHARED / "data" / "odd" / "exif_orientation"
    photos = [
        decode((folder / f"{kind}_{i}.jpg").read_bytes(), Decoding(48, 48)).pixels.astype(int)
        for i in range(9)
    ]
    for photo in photos:
        assert np.abs(photo - photos[1]).mean() < 3

"""A small Fashion-MNIST on a web server of this computer that can misbehave in every way."""

import gzip
import http.server
import os
import struct

import numpy as np

from coursepkg.data import real

CONTENT = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.arange(40, dtype=np.uint8) % 10


def idx(array):
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


FILES = {
    "train-images-idx3-ubyte.gz": idx(CONTENT),
    "train-labels-idx1-ubyte.gz": idx(LABELS),
    "t10k-images-idx3-ubyte.gz": idx(CONTENT[:9]),
    "t10k-labels-idx1-ubyte.gz": idx(LABELS[:9]),
}
FIRST = "train-images-idx3-ubyte.gz"


class Handler(http.server.BaseHTTPRequestHandler):
    """Serve FILES under /good, and misbehave in one way under each other folder."""

    def do_GET(self):
        self.server.asked.append(self.path)
        _, way, name = self.path.split("/", 2)
        body = self.server.files.get(name, b"")
        getattr(self, f"do_{way}")(name, body)

    def do_good(self, name, body):
        self.answer(200, body)

    def do_missing(self, name, body):
        self.answer(404, b"not here")

    def do_broken(self, name, body):
        self.answer(500, b"sorry")

    def do_moved(self, name, body):
        self.answer(302, b"", Location=f"/good/{name}")

    def do_circle(self, name, body):
        self.answer(302, b"", Location=f"/circle/{name}")

    def do_silent(self, name, body):
        self.server.stop.wait(10)

    def do_drip(self, name, body):
        self.answer(200, b"", **{"Content-Length": str(len(body))})
        for byte in body[:1000]:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.stop.wait(0.02):
                return

    def do_stuck(self, name, body):
        self.answer(200, body[: len(body) // 2], **{"Content-Length": str(len(body))})
        self.server.stop.wait(30)

    def do_truncated(self, name, body):
        self.answer(200, body[: len(body) // 2], **{"Content-Length": str(len(body))})

    def do_unsized(self, name, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])

    def do_altered(self, name, body):
        self.answer(200, body[:-9] + bytes([body[-9] ^ 1]) + body[-8:])

    def do_html(self, name, body):
        self.answer(200, b"<!DOCTYPE html><title>Log in</title>", **{"Content-Type": "text/html"})

    def do_text(self, name, body):
        self.answer(200, b"version https://git-lfs.github.com/spec/v1")

    def do_empty(self, name, body):
        self.answer(200, b"")

    def do_nonsense(self, name, body):
        self.wfile.write(b"this is not HTTP\r\n\r\n")

    def answer(self, status, body, **headers):
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what some tests are about."""


def cached():
    folder = real.real_folder()
    return sorted(os.listdir(folder)) if folder.exists() else []

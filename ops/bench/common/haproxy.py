"""HAProxy as the peer of a bench: one thread on one core, before the static backend."""
import pathlib
import subprocess

from common.processes import on_core

CONFIG = """
global
  nbthread 1
  maxconn 4096
  tune.bufsize 16384
{settings}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
{frontends}
backend static
  server one 127.0.0.1:{backend}
"""


def start(folder: pathlib.Path, core: str, backend: int, frontends: str, settings: str = "") -> subprocess.Popen:
    """Starts it with these frontends, whose default backend is `static`; `settings` are global ones."""
    config = folder / "haproxy.cfg"
    config.write_text(CONFIG.format(settings=settings, frontends=frontends, backend=backend))
    return subprocess.Popen([*on_core(core), "haproxy", "-f", config], stdout=subprocess.DEVNULL)

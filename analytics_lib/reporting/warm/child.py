"""What a fork of the zygote becomes: an ordinary Jupyter kernel, with nothing of its parent's."""

import atexit
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipykernel.kernelapp import IPKernelApp

from analytics_lib.reporting.warm import wire

if TYPE_CHECKING:
    from typing import Never

    from analytics_lib.reporting.warm.zygote import Birth

_PR_SET_PDEATHSIG = 1
_CONTROL_TIMEOUT_S = 1.0


def live(birth: "Birth") -> "Never":
    """Be the kernel that was asked for, and never return into the zygote's frames."""
    code = 1
    try:
        _leave_home(birth)
        kernel = _kernel(birth.request["arguments"])
        # Told only now that it listens: a client that came earlier would try again and again.
        wire.send(birth.connection, {"pid": os.getpid()})
        birth.connection.close()
        _serve(kernel)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here and in the log
        sys.excepthook(*sys.exc_info())
    finally:
        _flush()
        os._exit(code)


def _leave_home(birth: "Birth") -> None:
    """Own session, own folder, own environment, own randomness, own log."""
    os.setsid()
    _die_with(os.getppid())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(birth.log, 1)
    os.dup2(birth.log, 2)
    os.close(nothing)
    os.close(birth.log)
    os.chdir(birth.request["folder"])
    os.environ.clear()
    os.environ.update(birth.request["environment"])
    _reseed()
    _draw_elsewhere(birth.request["charts"])


def _die_with(parent: int) -> None:
    """Be killed when the zygote dies, also where it died just now."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _reseed() -> None:
    """NumPy's global generator is the zygote's, and the same in every fork, unless drawn anew."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _draw_elsewhere(address: str) -> None:
    if address:
        from analytics_lib.display import svg  # noqa: PLC0415 - loaded before the fork
        from analytics_lib.reporting.warm.renderer import RemoteRenderer  # noqa: PLC0415

        svg.use_renderer(RemoteRenderer(address=Path(address)))


def _kernel(arguments: list[str]) -> Any:  # noqa: ANN401 - traitlets is untyped
    """The kernel, its sockets open."""
    sys.argv = ["ipykernel_launcher", *arguments]
    app: Any = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize(arguments)
    return app


def _serve(app: Any) -> None:  # noqa: ANN401 - see above
    app.start()
    # The control thread still flushes the output of the kernel; closed meanwhile, it would wait
    # ten seconds for an output thread that has gone.
    app.control_thread.join(_CONTROL_TIMEOUT_S)
    atexit._run_exitfuncs()  # noqa: SLF001 - what the notebook registered, and the kernel's own end


def _flush() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()

"""A population of FitzHugh-Nagumo neurons, each with its own constant input, by
classical Runge-Kutta in one of the peers.

    python3 neurons.py numpy|torch|brian2-cpp|brian2-cython BITS NEURONS STEPS FOLDER

Prints the seconds that the steps took, without imports, compilation and a
warm-up, and the mean of |x| at the end, by which peers can be held against each
other. FOLDER is an empty one for code that a peer generates.

With NEURODE_COLD=1 it makes no warm-up; what is of interest then is the time of
the whole process.
"""

import os
import sys
import time
import warnings

EPS, A, H = 0.1, 0.0, 0.01


def slopes(x, y, drive):
    """The cube is written as products, which NumPy and PyTorch do many times faster than powers."""
    return (x - x * x * x / 3 - y) / EPS, x + A + drive


def advance(x, y, drive, steps):
    for _ in range(steps):
        ax, ay = slopes(x, y, drive)
        bx, by = slopes(x + 0.5 * H * ax, y + 0.5 * H * ay, drive)
        cx, cy = slopes(x + 0.5 * H * bx, y + 0.5 * H * by, drive)
        dx, dy = slopes(x + H * cx, y + H * cy, drive)
        x = x + (ax + 2 * (bx + cx) + dx) * (H / 6)
        y = y + (ay + 2 * (by + cy) + dy) * (H / 6)
    return x, y


def arrays(library, bits, neurons, steps, cold):
    """NumPy and PyTorch: a function call for every operation."""
    dtype = getattr(library, "float%d" % bits)
    drive = library.linspace(-1, 1, neurons, dtype=dtype)
    zero = library.zeros(neurons, dtype=dtype)
    if not cold:
        advance(zero, zero, drive, 20)
    start = time.perf_counter()
    x, _ = advance(zero, zero, drive, steps)
    return time.perf_counter() - start, float(abs(x).mean())


def with_numpy(bits, neurons, steps, folder, cold):
    import numpy
    return arrays(numpy, bits, neurons, steps, cold)


def with_torch(bits, neurons, steps, folder, cold):
    import torch
    torch.set_num_threads(1)
    with torch.no_grad():
        return arrays(torch, bits, neurons, steps, cold)


EQUATIONS = """
dx/dt = (x - x*x*x/3 - y)/(eps*second) : 1
dy/dt = (x + a + drive)/second : 1
drive : 1 (constant)
"""


def brian2_group(b2, bits, neurons):
    import numpy
    b2.prefs.core.default_float_dtype = getattr(numpy, "float%d" % bits)
    b2.defaultclock.dt = H * b2.second
    group = b2.NeuronGroup(neurons, EQUATIONS, method="rk4", namespace={"eps": EPS, "a": A})
    group.drive = numpy.linspace(-1, 1, neurons)
    return group


def with_brian2_cpp(bits, neurons, steps, folder, cold):
    """A C++ program of its own, compiled by g++ with Brian2's own flags."""
    import brian2 as b2
    b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
    group = brian2_group(b2, bits, neurons)
    b2.run(steps * H * b2.second)
    b2.device.build(directory=folder, compile=True, run=True, debug=False)
    return b2.device._last_run_time, float(abs(group.x[:]).mean())


def with_brian2_cython(bits, neurons, steps, folder, cold):
    """Brian2 as it comes: modules compiled by Cython as they are needed."""
    import brian2 as b2
    b2.prefs.codegen.runtime.cython.cache_dir = folder
    group = brian2_group(b2, bits, neurons)
    network = b2.Network(group)
    if not cold:
        network.run(20 * H * b2.second)
        group.x = 0
        group.y = 0
    start = time.perf_counter()
    network.run(steps * H * b2.second)
    return time.perf_counter() - start, float(abs(group.x[:]).mean())


def main():
    warnings.filterwarnings("ignore")
    peer, bits, neurons, steps, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    run = {"numpy": with_numpy, "torch": with_torch, "brian2-cpp": with_brian2_cpp, "brian2-cython": with_brian2_cython}[peer]
    seconds, mean = run(bits, neurons, steps, folder, os.environ.get("NEURODE_COLD") == "1")
    print("%.9f %.6f" % (seconds, mean))


main()

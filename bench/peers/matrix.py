"""Matrix products in NumPy, that is in the BLAS it is linked with.

    python3 matrix.py BITS M K N

Prints the seconds of one product of [M,K] and [K,N], and the file of the BLAS.
"""

import sys
import time

import numpy


def blas():
    """The library that NumPy has loaded, as the system names it."""
    try:
        with open("/proc/self/maps") as maps:
            names = {line.split("/")[-1].strip() for line in maps if "blas" in line.lower() and "/" in line}
    except OSError:
        return "?"
    return ",".join(sorted(n for n in names if ".so" in n and not n.startswith("_"))) or "?"


def main():
    bits, m, k, n = (int(a) for a in sys.argv[1:5])
    draw = numpy.random.default_rng(1)
    a = (draw.random((m, k)) - 0.5).astype("float%d" % bits)
    b = (draw.random((k, n)) - 0.5).astype("float%d" % bits)
    out = numpy.empty((m, n), a.dtype)
    numpy.matmul(a, b, out=out)
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < 0.5:
        for _ in range(16):
            numpy.matmul(a, b, out=out)
        done += 16
    print("%.9f %s" % (spent / done, blas()))


main()

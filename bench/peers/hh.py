"""A population of Hodgkin-Huxley neurons (1952, absolute potentials), each with its
own constant current, in one of the peers: Brian2 by exponential Euler with a step of
0.01 ms, as we; NEURON by its fixed-step implicit method with 0.025 ms, which is its
usual one, its rate tables switched off.

    python3 hh.py brian2-cpp|brian2-cython|neuron BITS NEURONS STEPS FOLDER

Prints the seconds that the steps took, without imports, compilation and a warm-up,
and the mean of the potential at the end.
"""

import os
import subprocess
import sys
import time
import warnings

STEP = 0.01  # ms

# Rates in 1/ms at the potential v in mV; exprel(x) is (e^x - 1)/x.
EQUATIONS = """
dv/dt = (drive - 120*m**3*h*(v - 50) - 36*n**4*(v + 77) - 0.3*(v + 54.387))/ms : 1
dm/dt = (am*(1 - m) - bm*m)/ms : 1
dh/dt = (ah*(1 - h) - bh*h)/ms : 1
dn/dt = (an*(1 - n) - bn*n)/ms : 1
am = 1/exprel(-(v + 40)/10) : 1
bm = 4*exp(-(v + 65)/18) : 1
ah = 0.07*exp(-(v + 65)/20) : 1
bh = 1/(1 + exp(-(v + 35)/10)) : 1
an = 0.1/exprel(-(v + 55)/10) : 1
bn = 0.125*exp(-(v + 65)/80) : 1
drive : 1 (constant)
"""
REST = {"v": -65, "m": 0.0529324853, "h": 0.5961207535, "n": 0.3176769141}


def brian2_group(b2, bits, neurons):
    import numpy
    b2.prefs.core.default_float_dtype = getattr(numpy, "float%d" % bits)
    b2.defaultclock.dt = STEP * b2.ms
    group = b2.NeuronGroup(neurons, EQUATIONS, method="exponential_euler")
    group.drive = numpy.linspace(-1, 1, neurons)
    for name, x in REST.items():
        setattr(group, name, x)
    return group


def with_brian2_cpp(bits, neurons, steps, folder):
    import brian2 as b2
    b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
    group = brian2_group(b2, bits, neurons)
    b2.run(steps * STEP * b2.ms)
    b2.device.build(directory=folder, compile=True, run=True, debug=False)
    return b2.device._last_run_time, float(group.v[:].mean())


def with_brian2_cython(bits, neurons, steps, folder):
    import brian2 as b2
    b2.prefs.codegen.target = "cython"
    b2.prefs.codegen.runtime.cython.cache_dir = folder
    group = brian2_group(b2, bits, neurons)
    network = b2.Network(group)
    network.run(20 * STEP * b2.ms)
    start = time.perf_counter()
    network.run(steps * STEP * b2.ms)
    return time.perf_counter() - start, float(group.v[:].mean())


# Cells of 100 um2, so that a density in uA/cm2 is 1e-3 times a current in nA.
NEURON = """
create cell[{n}]
objref clamp[{n}]
usetable_hh = 0
for i = 0, {n} - 1 {{ cell[i] {{
  nseg = 1  L = 10  diam = 10/PI
  insert hh
  el_hh = -54.387
  clamp[i] = new IClamp(0.5)
  clamp[i].dur = 1e9
  clamp[i].amp = (2*i/({n} - 1) - 1)*1e-3
}} }}
dt = 0.025
celsius = 6.3
finitialize(-65)
for i = 1, 20 fadvance()
begin = startsw()
for i = 1, {steps} fadvance()
seconds = startsw() - begin
sum = 0
for i = 0, {n} - 1 sum += cell[i].v(0.5)
printf("RESULT %.6f %.6f\\n", seconds, sum/{n})
quit()
"""


def with_neuron(bits, neurons, steps, folder):
    path = os.path.join(folder, "hh.hoc")
    with open(path, "w") as f:
        f.write(NEURON.format(n=neurons, steps=steps))
    said = subprocess.run(["nrniv", "-nobanner", path], capture_output=True, text=True, check=True).stdout
    line = next(l for l in said.splitlines() if l.startswith("RESULT")).split()
    return float(line[1]), float(line[2])


def main():
    warnings.filterwarnings("ignore")
    peer, bits, neurons, steps, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    run = {"brian2-cpp": with_brian2_cpp, "brian2-cython": with_brian2_cython, "neuron": with_neuron}[peer]
    seconds, mean = run(bits, neurons, steps, folder)
    print("%.9f %.6f" % (seconds, mean))


main()

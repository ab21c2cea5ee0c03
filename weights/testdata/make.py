# Made every .npz file in this folder, with numpy 1.24.2:
#   /usr/bin/python3 make.py
# npz_test.go and mlp_test.go hold the values expected.
import numpy as np

W1 = (np.arange(12.0).reshape(4, 3) - 5) / 8   # inputs 4, hidden 3
b1 = np.array([0.5, -0.25, 2.0])
W2 = (np.arange(6.0).reshape(3, 2) - 2) / 4    # outputs 2
b2 = np.array([1.0, -1.0])
all64 = dict(W1=W1, b1=b1, W2=W2, b2=b2)


def cast(dtype):
    return {k: v.astype(dtype) for k, v in all64.items()}


np.savez('float64.npz', **all64)
np.savez('float32.npz', **cast('<f4'))
np.savez('float16.npz', **cast('<f2'))
np.savez('bigendian64.npz', **cast('>f8'))
np.savez('bigendian32.npz', **cast('>f4'))
np.savez('fortran.npz', **{k: np.asfortranarray(v) for k, v in all64.items()})
np.savez_compressed('compressed.npz', **all64)
np.savez('nobias.npz', W1=W1, W2=W2)
np.savez('rowbias.npz', W1=W1, b1=b1[None, :], W2=W2, b2=b2[None, :], note=np.array('trained 2024'))
np.savez('transposed.npz', W1=W1.T, b1=b1, W2=W2.T, b2=b2)
np.savez('lowercase.npz', w1=W1, w2=W2)
np.savez('positional.npz', W1, W2)

# Every numeric type that is read, a cube in both orders, a single number, an empty array.
cube = np.arange(24.0).reshape(2, 3, 4)
np.savez('mixed.npz', cube=cube, cubef=np.asfortranarray(cube), number=np.array(2.5), empty=np.zeros((0, 3)),
         i1=np.array([-128, 127], 'i1'), u1=np.array([0, 255], 'u1'), i2=np.array([-300, 300], '>i2'),
         u4=np.array([4294967295], 'u4'), i8=np.array([-2**53, 2**53], 'i8'),
         half=np.array([1.5, -2.0**-24, 65504, np.inf, np.nan], 'f2'))
np.savez('bool.npz', mask=np.array([True, False]))

# .npy versions 2.0 and 3.0.
for major in 2, 3:
    with open(f'version{major}.npy', 'wb') as f:
        np.lib.format.write_array(f, W2, version=(major, 0))

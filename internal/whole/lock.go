package whole

import (
	"errors"
	"os"
)

// ErrLocked is what Lock says of a file that another program holds.
var ErrLocked = errors.New("another program is at work on it")

// Lock makes and holds a file until release is called or the program ends, however
// that happens. Release removes the file where the system lets it.
func Lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = lock(f)
	if err == nil {
		// Whoever held it may have removed it after we opened it; the lock is worth nothing then.
		var held, there os.FileInfo
		if held, err = f.Stat(); err == nil {
			if there, err = os.Stat(path); err != nil || !os.SameFile(held, there) {
				err = ErrLocked
			}
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() {
		_ = os.Remove(path)
		_ = f.Close() // which gives the lock back
	}, nil
}

package store

import (
	"errors"
	"log/slog"
	"path/filepath"

	"pointbridge/integrations/private"
)

// keepPrivate makes the file of a SQLite database, and the folder, for us alone before the database writes in them: it
// holds customers, and whoever can write it has the points. What is there and looser is tightened, and the log says so;
// a folder that others may write in and that is not ours is refused.
func keepPrivate(path string, logger *slog.Logger) error {
	folder := filepath.Dir(path)
	tightened, err := private.Folder(folder)
	if err != nil {
		return err
	}
	told(logger, folder, tightened)
	if tightened, err = private.File(path); err != nil {
		return err
	}
	told(logger, path, tightened)
	// The database gives these its own file's mode when it makes them.
	for _, beside := range []string{"-wal", "-shm", "-journal"} {
		tightened, faulty := private.Tighten(path + beside)
		told(logger, path+beside, tightened)
		err = errors.Join(err, faulty)
	}
	return err
}

func told(logger *slog.Logger, path string, tightened bool) {
	if tightened && logger != nil {
		logger.Warn("others had rights over the database; they were taken away", "path", path)
	}
}

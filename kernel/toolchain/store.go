package toolchain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A store keeps archives by the hash of their content, in a private folder:
// the go command trims its own cache of what it has not used for five days.
// Sets of several Go versions and course versions share what they have in
// common.
type store struct {
	dirs []string // archives folders; only the first is written to

	mu       sync.Mutex
	verified map[string]stamp // by hash: the file that was last found sound
	bad      map[string]bool  // by path: found damaged, and perhaps not ours to remove
}

// stamp tells whether a file may have been written to since it was read.
type stamp struct {
	path  string
	size  int64
	mtime time.Time
}

func newStore(dir string, shared []string) *store {
	s := &store{verified: map[string]stamp{}, bad: map[string]bool{}}
	for _, d := range append([]string{dir}, shared...) {
		s.dirs = append(s.dirs, filepath.Join(d, "archives"))
	}
	return s
}

func archiveName(hash string) string { return filepath.Join(hash[:2], hash+".a") }

// locate finds an archive that is not known to be damaged. Without one, path
// is where it would be.
func (s *store) locate(hash string) (path string, info fs.FileInfo, err error) {
	name := archiveName(hash)
	for _, d := range s.dirs {
		path := filepath.Join(d, name)
		if info, err := os.Stat(path); err == nil && !s.isBad(path) {
			return path, info, nil
		}
	}
	return filepath.Join(s.dirs[0], name), nil, fs.ErrNotExist
}

func (s *store) isBad(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bad[path]
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sums reads both checksums: SHA-256 names the file, CRC-32C, which the
// processor computes at memory speed, tells later whether it is damaged.
type sums struct {
	sha hash.Hash
	crc uint32
}

func (s *sums) Write(p []byte) (int, error) {
	s.crc = crc32.Update(s.crc, castagnoli, p)
	return s.sha.Write(p)
}

// put copies the file at path into the store.
func (s *store) put(path string) (hash string, size int64, crc uint32, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", 0, 0, err
	}
	defer in.Close()
	both := &sums{sha: sha256.New()}
	if size, err = io.Copy(both, in); err != nil {
		return "", 0, 0, err
	}
	hash, crc = hex.EncodeToString(both.sha.Sum(nil)), both.crc
	to := filepath.Join(s.dirs[0], archiveName(hash))
	if info, err := os.Stat(to); err == nil && info.Size() == size {
		if c, err := fileCRC(to); err == nil && c == crc {
			// Used again: the sweep goes by age.
			os.Chtimes(to, time.Time{}, time.Now())
			return hash, size, crc, nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return "", 0, 0, err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return "", 0, 0, err
	}
	out, err := os.CreateTemp(filepath.Dir(to), ".new-*")
	if err != nil {
		return "", 0, 0, err
	}
	defer os.Remove(out.Name())
	// Between files this is copy_file_range: no copy at all where the file
	// system shares blocks. A hard link would share damage with the go cache.
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o444)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	s.mu.Lock()
	delete(s.bad, to)
	s.mu.Unlock()
	return hash, size, crc, err
}

var errDamaged = errors.New("damaged")

// check finds out whether a package's archive is as it was made, and where it
// is. Its content is read once, and again when the file was touched.
func (s *store) check(p *pkg) (string, error) {
	path, info, err := s.locate(p.Hash)
	if err != nil {
		return "", fmt.Errorf("archive of %s: %w", p.Path, err)
	}
	now := stamp{path, info.Size(), info.ModTime()}
	s.mu.Lock()
	seen := s.verified[p.Hash]
	s.mu.Unlock()
	if seen == now {
		return path, nil
	}
	return path, s.read(p, now)
}

// read compares the content of an archive with what it was.
func (s *store) read(p *pkg, now stamp) error {
	crc, err := fileCRC(now.path)
	if err == nil && (now.size != p.Size || crc != p.CRC) {
		err = errDamaged
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.bad[now.path] = true
		os.Remove(now.path)
		return fmt.Errorf("archive of %s: %w", p.Path, err)
	}
	s.verified[p.Hash] = now
	return nil
}

// recheck reads archives again, whatever their dates say: it is asked for
// when a tool failed that should not have.
func (s *store) recheck(pkgs []*pkg) error {
	for _, p := range pkgs {
		path, info, err := s.locate(p.Hash)
		if err == nil {
			err = s.read(p, stamp{path, info.Size(), info.ModTime()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// present says whether the archive has the right size; check is thorough.
func (s *store) present(p *pkg) bool {
	_, info, err := s.locate(p.Hash)
	return err == nil && info.Size() == p.Size
}

func fileCRC(path string) (uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	h := crc32.New(castagnoli)
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{f}, make([]byte, 256<<10)); err != nil {
		return 0, err
	}
	return h.Sum32(), nil
}

// sweep removes archives that no set names and that were not put for a week;
// a session's own packages are in no set, and are made again when missing.
func (s *store) sweep(keep map[string]bool) error {
	root := s.dirs[0]
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		name := d.Name()
		if filepath.Ext(name) == ".a" && keep[name[:len(name)-2]] {
			return nil
		}
		if old, err := age(path); err == nil && old > 7*24*time.Hour {
			os.Remove(path)
		}
		return nil
	})
}

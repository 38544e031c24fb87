// Tlogcheck verifies a copied log with golang.org/x/mod's code, and then shows that it refuses forgeries.
//
//	tlogcheck FOLDER POLICY
//
// FOLDER holds checkpoint, tile/…, proof-N and perhaps checkpoint.old, as fetch_log.py writes them; POLICY
// names the log's key and the cosigners', as C2SP's tlog-policy does. Every cosigner must have signed.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A folder's files, some of them replaced by forgeries; nil stands for a file that is gone.
type files struct {
	folder string
	forged map[string][]byte
}

func (f files) read(name string) ([]byte, error) {
	if data, ok := f.forged[name]; ok {
		if data == nil {
			return nil, fmt.Errorf("%s: gone", name)
		}
		return data, nil
	}
	return os.ReadFile(filepath.Join(f.folder, name))
}

func (f files) with(name string, data []byte) files {
	return files{f.folder, map[string][]byte{name: data}}
}

// Height, ReadTiles and SaveTiles let tlog read the tiles.
func (f files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// C2SP's paths leave out the height of a tile.
		data, err := f.read("tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// A cosigner's key: C2SP's tlog-cosignature, which package note does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", time)), message...)
	return ed25519.Verify(c.key, signed, signature[8:])
}

type policy struct {
	logs, witnesses []note.Verifier
}

func readPolicy(name string) (policy, error) {
	var p policy
	data, err := os.ReadFile(name)
	if err != nil {
		return p, err
	}
	for _, line := range strings.Split(string(data), "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 2 && fields[0] == "log":
			verifier, err := note.NewVerifier(fields[1])
			if err != nil {
				return p, err
			}
			p.logs = append(p.logs, verifier)
		case len(fields) >= 3 && fields[0] == "witness":
			parts := strings.SplitN(fields[2], "+", 3)
			if len(parts) != 3 {
				return p, errors.New("policy: a witness has no key")
			}
			hash, err := strconv.ParseUint(parts[1], 16, 32)
			if err != nil {
				return p, err
			}
			key, err := base64.StdEncoding.DecodeString(parts[2])
			if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
				return p, errors.New("policy: a witness key is not one of a cosigner")
			}
			p.witnesses = append(p.witnesses, cosigner{parts[0], uint32(hash), key[1:]})
		}
	}
	if len(p.logs) == 0 || len(p.witnesses) == 0 {
		return p, errors.New("policy: no log or no witness")
	}
	return p, nil
}

// open verifies a checkpoint: one of the log's keys and every cosigner.
func (p policy) open(data []byte) (tlog.Tree, error) {
	known := append(append([]note.Verifier{}, p.logs...), p.witnesses...)
	n, err := note.Open(data, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	signed := map[string]bool{}
	for _, signature := range n.Sigs {
		signed[fmt.Sprint(signature.Name, signature.Hash)] = true
	}
	isSigned := func(v note.Verifier) bool { return signed[fmt.Sprint(v.Name(), v.KeyHash())] }
	isLog := false
	for _, log := range p.logs {
		isLog = isLog || isSigned(log)
	}
	if !isLog {
		return tlog.Tree{}, errors.New("the log has not signed")
	}
	for _, witness := range p.witnesses {
		if !isSigned(witness) {
			return tlog.Tree{}, fmt.Errorf("%s has not cosigned", witness.Name())
		}
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 3 || lines[0] != p.logs[0].Name() {
		return tlog.Tree{}, errors.New("a checkpoint of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// entries reads all entries, in the order of the log.
func (f files) entries(size int64) ([][]byte, error) {
	var all [][]byte
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(min(256, size-first))}
		name := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/data/")
		data, err := f.read(name)
		if err != nil {
			return nil, err
		}
		count := 0
		for ; len(data) > 0; count++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: ends within an entry", name)
			}
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
		if count != tile.W {
			return nil, fmt.Errorf("%s: %d entries", name, count)
		}
	}
	return all, nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// checkRoot recomputes the root from the entries.
func checkRoot(tree tlog.Tree, entries [][]byte) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for index, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(index), entry, reader)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(int64(len(entries)), reader)
	if err == nil && root != tree.Hash {
		err = errors.New("the entries have another root")
	}
	return err
}

// checkProof verifies a .tlog-proof with nothing but the entry and the policy.
func (p policy) checkProof(text []byte, entries [][]byte) error {
	parts := bytes.SplitN(text, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || index < 0 || index >= int64(len(entries)) {
		return errors.New("a proof of no entry")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := p.open(parts[1])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index]))
}

// verify checks everything in the folder.
func (p policy) verify(f files) error {
	// 1. The checkpoint.
	data, err := f.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := p.open(data)
	if err != nil {
		return err
	}
	// 2. The entries, and the root that they make.
	entries, err := f.entries(tree.N)
	if err != nil {
		return err
	}
	if err := checkRoot(tree, entries); err != nil {
		return err
	}
	// 3. The tiles: every leaf hash is read through them and authenticated by the root.
	reader := tlog.TileHashReader(tree, f)
	for index, entry := range entries {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(index))})
		if err != nil {
			return err
		}
		if hashes[0] != tlog.RecordHash(entry) {
			return fmt.Errorf("entry %d has another leaf in its tile", index)
		}
	}
	// 4. Proofs that came with receipts, and one rebuilt from tiles.
	names, err := filepath.Glob(filepath.Join(f.folder, "proof-*"))
	if err != nil || len(names) == 0 {
		return errors.New("no proofs")
	}
	for _, name := range names {
		text, err := f.read(filepath.Base(name))
		if err != nil {
			return err
		}
		if err := p.checkProof(text, entries); err != nil {
			return err
		}
	}
	// 5. An older checkpoint is a beginning of this one.
	if old, err := f.read("checkpoint.old"); err == nil {
		before, err := p.open(old)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, before.N, reader)
		if err != nil {
			return err
		}
		return tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash)
	}
	return nil
}

var failed = false

func report(name string, isGood bool, err error) {
	word := "PASS"
	if !isGood {
		word, failed = "FAIL", true
	}
	detail := ""
	if err != nil {
		detail = fmt.Sprintf(" (%v)", err)
	}
	fmt.Printf("%s %s%s\n", word, name, detail)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Println("usage: tlogcheck FOLDER POLICY")
		os.Exit(2)
	}
	p, err := readPolicy(os.Args[2])
	if err != nil {
		fmt.Println("FAIL policy", err)
		os.Exit(1)
	}
	f := files{os.Args[1], nil}
	err = p.verify(f)
	report("x/mod verifies checkpoint, cosignatures, tiles, entries and proofs", err == nil, err)
	if err != nil {
		os.Exit(1)
	}

	// Each forgery changes one file; every one must be refused.
	forge := func(what, name string, change func([]byte) []byte) {
		data, err := f.read(name)
		if err != nil {
			report(what, false, err)
			return
		}
		err = p.verify(f.with(name, change(append([]byte{}, data...))))
		report("refuses: "+what, err != nil, err)
	}
	flip := func(position func(int) int) func([]byte) []byte {
		return func(data []byte) []byte {
			data[position(len(data))] ^= 1
			return data
		}
	}
	middle := func(length int) int { return length / 2 }
	checkpoint, _ := f.read("checkpoint")
	lines := strings.SplitAfter(string(checkpoint), "\n")
	size, _ := strconv.ParseInt(strings.TrimSpace(lines[1]), 10, 64)
	width := int(min(256, size))
	first := strings.TrimPrefix(tlog.Tile{H: 8, L: 0, N: 0, W: width}.Path(), "tile/8/0/")

	// The first entry begins after the two bytes of its length.
	forge("a flipped entry", "tile/entries/"+first, flip(func(int) int { return 2 }))
	forge("a truncated bundle", "tile/entries/"+first, func(d []byte) []byte { return d[:len(d)-1] })
	forge("a flipped tile", "tile/0/"+first, flip(middle))
	forge("a truncated tile", "tile/0/"+first, func(d []byte) []byte { return d[:len(d)-32] })
	forge("a missing tile", "tile/0/"+first, func([]byte) []byte { return nil })
	for number := 4; number < len(lines)-1; number++ {
		words := strings.Fields(lines[number])
		name := words[1]
		forge("a flipped signature of "+name, "checkpoint", func([]byte) []byte {
			data, _ := base64.StdEncoding.DecodeString(words[2])
			data[len(data)-1] ^= 1
			forged := append([]string{}, lines...)
			forged[number] = fmt.Sprintf("— %s %s\n", name, base64.StdEncoding.EncodeToString(data))
			return []byte(strings.Join(forged, ""))
		})
		forge("a missing signature of "+name, "checkpoint", func([]byte) []byte {
			return []byte(strings.Join(append(append([]string{}, lines[:number]...), lines[number+1:]...), ""))
		})
	}
	forge("another root", "checkpoint", func([]byte) []byte {
		forged := append([]string{}, lines...)
		forged[2] = base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"
		return []byte(strings.Join(forged, ""))
	})
	forge("a smaller size", "checkpoint", func([]byte) []byte {
		forged := append([]string{}, lines...)
		forged[1] = fmt.Sprintf("%d\n", size-1)
		return []byte(strings.Join(forged, ""))
	})
	proofs, _ := filepath.Glob(filepath.Join(f.folder, "proof-*"))
	for _, proof := range proofs {
		name := filepath.Base(proof)
		forge("another index in "+name, name, func(data []byte) []byte {
			return bytes.Replace(data, []byte("index "), []byte("index 1"), 1)
		})
		forge("a cut "+name, name, func(data []byte) []byte { return data[:len(data)/2] })
	}
	if failed {
		os.Exit(1)
	}
}

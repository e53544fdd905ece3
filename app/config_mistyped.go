package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Mistyped is a variable that is set and is no setting, and the settings that were probably meant.
type Mistyped struct {
	Name  string
	Meant []string
}

// String says so. The value is nobody's business: it is likely to be a secret.
func (m Mistyped) String() string {
	return fmt.Sprintf("%s is set and is no setting; did you mean %s?", m.Name, strings.Join(m.Meant, " or "))
}

// short says it in no language: doctor has words of its own around it.
func (m Mistyped) short() string { return m.Name + " (" + strings.Join(m.Meant, ", ") + "?)" }

// MistypedSettings finds them, in the order of the alphabet. They are told and not refused: an environment is shared with
// programs whose variables nobody here knows.
func MistypedSettings(environ []string) (list []Mistyped) {
	settings := []string{}
	for _, v := range Variables() {
		settings = append(settings, v.Name)
	}
	for name, value := range env.ToMap(environ) {
		// Nobody typed what an orchestrator wrote: DATABASE_PORT of a service called database is no DATABASE_POOL.
		if name == "" || value == "" || slices.Contains(settings, name) || serviceLink(name, value) {
			continue
		}
		if meant := settingsLike(name, settings); len(meant) > 0 {
			list = append(list, Mistyped{Name: name, Meant: meant})
		}
	}
	slices.SortFunc(list, func(a, b Mistyped) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// mostLikely bounds how many settings are proposed for one name.
const mostLikely = 3

// settingsLike are the settings that are nearest to a name, by the letters that differ; where none is near, those that the
// name is the beginning of, as SMTP_USER is of SMTP_USERNAME.
func settingsLike(name string, settings []string) (like []string) {
	written := strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(name))
	nearest := lettersWrong(written)
	for _, setting := range settings {
		// Nobody mistypes a name's first letter, and HTTP_PORT is another program's, not SMTP_PORT.
		if setting[0] != written[0] {
			continue
		}
		if n := letters(written, setting); n <= nearest {
			if n < nearest {
				nearest, like = n, nil
			}
			like = append(like, setting)
		}
	}
	if len(like) > 0 {
		return like[:min(len(like), mostLikely)]
	}
	if last := strings.LastIndexByte(written, '_'); last < 0 || len(written)-last < 4 {
		return nil
	}
	for _, setting := range settings {
		if strings.HasPrefix(setting, written) && len(like) < mostLikely {
			like = append(like, setting)
		}
	}
	return like
}

// lettersWrong is how many letters may be wrong in a name: a short one that differs by two is another name.
func lettersWrong(name string) int {
	if len(name) < 8 {
		return 1
	}
	return 2
}

// letters counts how many letters have to be added, left out, exchanged, or swapped with their neighbour to come from one
// name to another.
func letters(from, to string) int {
	before, last := make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(from); i++ {
		row := make([]int, len(to)+1)
		row[0] = i
		for j := 1; j <= len(to); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+1)
			if from[i-1] == to[j-1] {
				row[j] = min(row[j], last[j-1])
			}
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(to)]
}

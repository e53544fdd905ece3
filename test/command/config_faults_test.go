package command

import (
	"reflect"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// A setting that cannot be read is named once: what stands in its place is nobody's mistake.
func TestLoadConfig_NamesAFaultOnce(t *testing.T) {
	t.Parallel()
	times := func(t *testing.T, env map[string]string) []string {
		t.Helper()
		_, err := app.LoadConfig(world.EnvironOf(env))
		if err == nil {
			t.Fatal("accepted")
		}
		_, list, _ := strings.Cut(err.Error(), "\n")
		return strings.Split(list, "\n")
	}
	for field := range reflect.TypeFor[app.Config]().Fields() {
		name := field.Tag.Get("env")
		if !field.IsExported() { // no setting
			continue
		}
		if kind := field.Type.Kind(); kind == reflect.String || (kind == reflect.Slice &&
			field.Type.Elem().Kind() == reflect.String) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := world.GoodEnvironment()
			env[name] = "abc"
			lines := times(t, env)
			expect.MustEqual(t, "len(lines)", len(lines), 1, lines)
			expect.MustEqual(t, "strings.Count(lines[0], name)", strings.Count(lines[0], name), 1)
			expect.That(t, `lines[0] to say what it has to be`, strings.Contains(lines[0], " is not a ") ||
				strings.HasSuffix(lines[0], " must be true or false"), lines[0])
		})
	}
	t.Run("a list", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["REMINDER_DAYS"], env["TRUSTED_PROXIES"] = "0,0,400", "a,b"
		lines := times(t, env)
		expect.Equal(t, "len(lines)", len(lines), 2, lines)
	})
	t.Run("the others are named as well", func(t *testing.T) {
		t.Parallel()
		env := world.GoodEnvironment()
		env["POS_TIMEOUT"], env["SHOPIFY_TIMEOUT"], env["CONVERT_WAIT"], env["SMTP_PORT"] = "abc", "-1s", "0s", "x"
		lines := times(t, env)
		for _, name := range []string{"POS_TIMEOUT is not", "SHOPIFY_TIMEOUT must", "CONVERT_WAIT must",
			"SMTP_PORT is not"} {
			expect.Equal(t, `strings.Count(strings.Join(lines, "\n"), name)`,
				strings.Count(strings.Join(lines, "\n"), name), 1, name)
		}
		expect.Equal(t, "len(lines)", len(lines), 4, lines)
	})
}

// TestLoadConfig_ReadsNoLineEnds: what an editor or a secret made from a file leaves behind a value is named, of every
// setting. A key that works with it is another key once the file is written anew.
func TestLoadConfig_ReadsNoLineEnds(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\r", "\n"} {
		for name, value := range world.GoodEnvironment() {
			env := world.GoodEnvironment()
			env[name] = value + end
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "a fault", err != nil, name)
			expect.That(t, "that it names the setting and the end of a line", strings.Contains(err.Error(),
				name+" has the end of a line behind its value"), err)
			expect.Equal(t, "lines", strings.Count(err.Error(), "\n"), 1, err)
		}
	}
}

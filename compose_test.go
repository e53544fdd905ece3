package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose reads one of the files as Compose does, in a folder that holds nothing else but the .env with these lines; "" is
// none.
func loadCompose(t *testing.T, file, env string) *types.Project {
	t.Helper()
	dir := t.TempDir()
	raw, err := os.ReadFile(file) //nolint:gosec // one of ours
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{file: string(raw)}
	if env != "" {
		files[".env"] = env
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, file)}, cli.WithWorkingDirectory(dir), cli.WithEnvFiles(), cli.WithDotEnv, cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

const (
	composeFile, demoComposeFile = "docker-compose.yml", "docker-compose.demo.yml"
	filledIn                     = "POSTGRES_PASSWORD=x\n"
)

func TestComposeFile(t *testing.T) {
	t.Parallel()
	t.Run("the service starts after its database is healthy and migrated", func(t *testing.T) {
		t.Parallel()
		p := loadCompose(t, composeFile, filledIn)
		service := p.Services["pointbridge"]
		if service.DependsOn["postgres"].Condition != "service_healthy" || service.DependsOn["migrate"].Condition != "service_completed_successfully" ||
			service.HealthCheck == nil || p.Services["postgres"].HealthCheck == nil || p.Services["mailpit"].Image == "" {
			t.Fatalf("%+v", service.DependsOn)
		}
	})
	t.Run("the demo needs nothing to be filled in", func(t *testing.T) {
		t.Parallel()
		demo := loadCompose(t, demoComposeFile, "").Services["demo"]
		if len(demo.Command) == 0 || demo.Command[0] != "demo" || len(demo.EnvFiles) != 0 {
			t.Fatalf("%+v", demo)
		}
	})
	t.Run("our program has no rights it does not need", func(t *testing.T) {
		t.Parallel()
		services := loadCompose(t, composeFile, filledIn).Services
		services["demo"] = loadCompose(t, demoComposeFile, "").Services["demo"]
		for name, s := range services {
			if name == "postgres" || name == "mailpit" {
				continue
			}
			if s.User == "" || strings.HasPrefix(s.User, "0") || !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
				t.Errorf("%s: user %q, read only %v, drops %v, %v", name, s.User, s.ReadOnly, s.CapDrop, s.SecurityOpt)
			}
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
				}
			}
		}
	})
	t.Run("no password has a default", func(t *testing.T) {
		t.Parallel()
		raw, err := os.ReadFile("docker-compose.yml")
		if err != nil {
			t.Fatal(err)
		}
		variables := regexp.MustCompile(`\$\{[^}]*\}`).FindAllString(string(raw), -1)
		for _, v := range variables {
			if !strings.Contains(v, ":?") {
				t.Errorf("%s can be left out", v)
			}
		}
		if len(variables) == 0 {
			t.Fatal("no variable was found")
		}
	})
}

// TestImage builds the program with the Dockerfile's own command and looks at what the image would hold.
func TestImage(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	if !regexp.MustCompile(`(?m)^USER 65532:65532$`).MatchString(text) || strings.Contains(text, ":latest") {
		t.Fatal("the image runs as root, or builds on a moving tag")
	}
	build := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 (go build .*) -o /pointbridge \.$`).FindStringSubmatch(text)
	if build == nil {
		t.Fatal("the build command was not found")
	}
	program := filepath.Join(t.TempDir(), "pointbridge")
	cmd := exec.CommandContext(t.Context(), "bash", "-c", build[1]+" -o "+program+" .")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	binary, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = binary.Close() }()
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			t.Fatal("the program needs a dynamic linker, which the image does not have")
		}
	}
	out, err := exec.CommandContext(t.Context(), program, "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "pointbridge demo") {
		t.Fatalf("%v: %s", err, out)
	}
}

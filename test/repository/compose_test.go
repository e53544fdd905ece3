package repository

import (
	"debug/elf"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// loadCompose reads one of the files as Compose does, in a folder that holds nothing else but the .env with these
// lines; "" is none.
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
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, file)}, cli.WithWorkingDirectory(dir),
		cli.WithEnvFiles(), cli.WithDotEnv, cli.WithResolvedPaths(true))
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
	filledIn                     = "POSTGRES_PASSWORD=owners0word\nSERVICE_PASSWORD=services0word\nPOS_TOKEN=t\n"
)

func TestComposeFile(t *testing.T) {
	t.Parallel()
	t.Run("the service starts after its database is healthy and migrated", func(t *testing.T) {
		t.Parallel()
		p := loadCompose(t, composeFile, filledIn)
		service := p.Services["pointbridge"]
		expect.MustEqual(t, `service.DependsOn["postgres"].Condition`, service.DependsOn["postgres"].Condition,
			"service_healthy", service.DependsOn)
		expect.MustEqual(t, `service.DependsOn["migrate"].Condition`, service.DependsOn["migrate"].Condition,
			"service_completed_successfully", service.DependsOn)
		expect.MustThat(t, "service.HealthCheck != nil", service.HealthCheck != nil, service.DependsOn)
		expect.MustThat(t, `p.Services["postgres"].HealthCheck != nil`, p.Services["postgres"].HealthCheck != nil,
			service.DependsOn)
		expect.MustThat(t, `p.Services["mailpit"].Image != ""`, p.Services["mailpit"].Image != "", service.DependsOn)
	})
	t.Run("the demo needs nothing to be filled in", func(t *testing.T) {
		t.Parallel()
		demo := loadCompose(t, demoComposeFile, "").Services["demo"]
		expect.MustThat(t, "len(demo.Command) != 0", len(demo.Command) != 0)
		expect.MustEqual(t, "demo.Command[0]", demo.Command[0], "demo")
		expect.MustEqual(t, "len(demo.EnvFiles)", len(demo.EnvFiles), 0)
	})
	t.Run("nothing has rights or room that it does not need", func(t *testing.T) {
		t.Parallel()
		services := loadCompose(t, composeFile, filledIn).Services
		services["demo"] = loadCompose(t, demoComposeFile, "").Services["demo"]
		for name, s := range services {
			if s.User == "" || strings.HasPrefix(s.User, "0") ||
				!regexp.MustCompile(`^[0-9]+:[0-9]+$`).MatchString(s.User) || !s.ReadOnly || s.Privileged ||
				len(s.CapAdd) > 0 || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt,
				"no-new-privileges:true") ||
				!slices.Contains(s.Tmpfs, "/tmp") {
				t.Errorf("%s: user %q, read only %v, drops %v, adds %v, %v, %v", name, s.User, s.ReadOnly, s.CapDrop,
					s.CapAdd, s.SecurityOpt, s.Tmpfs)
			}
			if s.MemLimit <= 0 || s.PidsLimit <= 0 {
				t.Errorf("%s may take all memory (%d) or every process (%d)", name, s.MemLimit, s.PidsLimit)
			}
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
				}
			}
			if !regexp.MustCompile(`^(pointbridge:local|.+:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z]+)?)$`).MatchString(s.Image) {
				t.Errorf("%s moves with the tag %s", name, s.Image)
			}
		}
	})
	t.Run("the database is one network's alone, and that network goes nowhere", func(t *testing.T) {
		t.Parallel()
		p := loadCompose(t, composeFile, filledIn)
		for _, name := range []string{"postgres", "migrate"} {
			s := p.Services[name]
			if len(s.Ports) > 0 || len(s.Networks) != 1 || !p.Networks["database"].Internal {
				t.Errorf("%s: ports %v, networks %v", name, s.Ports, s.NetworksByPriority())
			}
			if _, in := s.Networks["database"]; !in {
				t.Errorf("%s is not on the database's network", name)
			}
		}
		if _, in := p.Services["mailpit"].Networks["database"]; in {
			t.Error("the mail server reaches the database")
		}
	})
	t.Run("the service is a database user of its own, and has not the owner's password", func(t *testing.T) {
		t.Parallel()
		p := loadCompose(t, composeFile, filledIn)
		service, migrate := environment(p, "pointbridge"), environment(p, "migrate")
		if !strings.Contains(service, "://pointbridge_service:services0word@") || strings.Contains(service,
			"owners0word") {
			t.Errorf("the service has %s", service)
		}
		if !strings.Contains(migrate, "://pointbridge:owners0word@") || strings.Contains(migrate, "services0word") {
			t.Errorf("migrate has %s", migrate)
		}
		if !slices.Equal(p.Services["migrate"].Command, []string{"migrate", "--service-user", "pointbridge_service"}) ||
			!strings.Contains(environment(p, "postgres"), "SERVICE_USER=pointbridge_service") {
			t.Errorf("%v, %s", p.Services["migrate"].Command, environment(p, "postgres"))
		}
		if !slices.ContainsFunc(p.Services["postgres"].Volumes, func(v types.ServiceVolumeConfig) bool {
			return strings.HasSuffix(v.Source, serviceUserScript) && strings.HasPrefix(v.Target,
				"/docker-entrypoint-initdb.d/") && v.ReadOnly
		}) {
			t.Errorf("nobody makes that user: %v", p.Services["postgres"].Volumes)
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

const serviceUserScript = "scripts/postgres-service-user.sh"

// environment is what a container gets, a line each.
func environment(p *types.Project, service string) string {
	var lines []string
	for name, value := range p.Services[service].Environment {
		if value != nil {
			lines = append(lines, name+"="+*value)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestServiceUserScript runs what the container of the database runs, on a real server, and migrates as the compose
// file does.
func TestServiceUserScript(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("psql"); err != nil {
		t.Skip("LEFT OUT: psql is not here")
	}
	owner, user, _ := storetest.ServiceUser(t)
	server, err := url.Parse(owner.URL)
	if err != nil {
		t.Fatal(err)
	}
	password := `it's "quoted" ` + user
	for _, name := range []string{user, user} { // the second time it is there
		cmd := exec.CommandContext(t.Context(), "bash", serviceUserScript)
		cmd.Env = append(os.Environ(), "PGHOST="+server.Hostname(), "PGPORT="+server.Port(), "POSTGRES_USER="+
			server.User.Username(), "POSTGRES_DB="+strings.TrimPrefix(server.Path, "/"), "SERVICE_USER="+name,
			"SERVICE_PASSWORD="+password)
		out, err := cmd.CombinedOutput()
		expect.MustEqual(t, "err", err, nil, out)
		expect.MustThat(t, "len(out) <= 0", len(out) <= 0, out, len(out))
	}
	if code, text := world.MigrateAs(t, owner, "--service-user", user); code != 0 {
		t.Fatal(text)
	}
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
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		if from[1] != "scratch" && !regexp.MustCompile(`:[0-9]+\.[0-9]+\.[0-9]+-[a-z]+$`).MatchString(from[1]) {
			t.Errorf("the image moves with %s", from[1])
		}
	}
	if !strings.Contains(text, `CMD ["/pointbridge", "healthcheck"]`) {
		t.Error("nobody looks whether the container is well")
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
	expect.MustEqual(t, "err", err, nil, out)
	expect.MustThat(t, `string(out) to contain "pointbridge demo"`, strings.Contains(string(out), "pointbridge demo"),
		out, string(out))
}

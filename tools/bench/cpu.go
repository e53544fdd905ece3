package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"pointbridge/tools/subprocess"
)

// usage is the CPU that was spent, by whom, in ticks of a hundredth of a second (Linux: /proc).
type usage struct{ service, postgres, load, simulators, busy int }

func (u usage) plus(o usage) usage {
	return usage{u.service + o.service, u.postgres + o.postgres, u.load + o.load, u.simulators + o.simulators,
		u.busy + o.busy}
}

func (u usage) minus(o usage) usage {
	return usage{u.service - o.service, u.postgres - o.postgres, u.load - o.load, u.simulators - o.simulators,
		u.busy - o.busy}
}

// of says it as shares of one core.
func (u usage) of(elapsed time.Duration) string {
	share := func(ticks int) float64 { return float64(ticks) / elapsed.Seconds() }
	return fmt.Sprintf("service %.0f %%, PostgreSQL %.0f, load %.0f, simulators %.0f, all others %.0f", share(u.service),
		share(u.postgres), share(u.load), share(u.simulators),
		share(max(0, u.busy-u.service-u.postgres-u.load-u.simulators)))
}

// meter reads the usage of a measurement's processes; the service can be several.
type meter struct {
	services               []int
	simulators, postmaster int
}

// meterOf finds the processes. PostgreSQL's is found only on this machine.
func (b *bed) meterOf(ctx context.Context, database string, services ...*subprocess.Process) meter {
	m := meter{simulators: b.outside.Pid()}
	for _, s := range services {
		m.services = append(m.services, s.Pid())
	}
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return m
	}
	defer func() { _ = conn.Close(ctx) }()
	pid := int(conn.PgConn().PID())
	if name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil &&
		strings.HasPrefix(string(name), "postgres") { // else it runs elsewhere, or in a container
		m.postmaster = parentOf(pid)
	}
	return m
}

func (m meter) now() usage {
	u := usage{simulators: ticksOf(m.simulators), load: ticksOf(os.Getpid()), busy: busyTicks()}
	for _, pid := range m.services {
		u.service += ticksOf(pid)
	}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && m.postmaster > 1 && parentOf(pid) == m.postmaster {
			u.postgres += ticksOf(pid)
		}
	}
	return u
}

// statOf gives the fields of a process after its name, which can hold anything: state, parent and so on.
func statOf(pid int) []string {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(raw[strings.LastIndexByte(string(raw), ')')+1:]), " ")
	return strings.Fields(rest)
}

func parentOf(pid int) (parent int) { return fieldOf(statOf(pid), 1) }

func ticksOf(pid int) int {
	fields := statOf(pid)
	return fieldOf(fields, 11) + fieldOf(fields, 12)
}

// busyTicks are those of all processes together: user, nice, system, interrupts.
func busyTicks() (ticks int) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	for i, text := range strings.Fields(first)[1:] {
		if i == 3 || i == 4 || i > 6 { // idle, waiting for a disk; what belongs to guests is counted already
			continue
		}
		n, _ := strconv.Atoi(text)
		ticks += n
	}
	return ticks
}

func fieldOf(fields []string, i int) int {
	if i >= len(fields) {
		return 0
	}
	n, _ := strconv.Atoi(fields[i])
	return n
}

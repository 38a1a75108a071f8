// SPDX-License-Identifier: MIT

package shim

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"slurm-mp-policy/evaluation"
	"slurm-mp-policy/nodeinfo"
)

// plainStep is a step as the shim and the engine see it.
type plainStep struct {
	dir, config, def, log, option, kind string
	tasks                               int
	env, argv                           []string
}

// asksNoEngine reports whether the shim answers for the step itself.
func (s plainStep) asksNoEngine(t *testing.T, program string) bool {
	t.Helper()
	args := append([]string{s.config, s.def, s.log, s.option, s.kind, strconv.Itoa(s.tasks)}, s.argv...)
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	switch string(out) {
	case "plain\n":
		return true
	case "engine\n":
		return false
	}
	t.Fatalf("%v: %s", args, out)
	return false
}

// engineDoes returns what the engine changes, prints and logs for the step.
func (s plainStep) engineDoes() []string {
	r := evaluation.DefaultRequest()
	r.Config, r.Default, r.Log, r.Option, r.Kind = s.config, s.def, s.log, s.option, s.kind
	r.Argv, r.Env, r.Dir, r.Tasks, r.LocalTasks = s.argv, s.env, s.dir, s.tasks, s.tasks
	e := evaluation.Prepare(r)
	mask := nodeinfo.MaskFromBytes([]byte{1, 0, 0, 0, 0, 0, 0, 0})
	var tasks []evaluation.Task
	for rank := range s.tasks {
		tasks = append(tasks, evaluation.Task{Rank: rank, Mask: mask})
	}
	results := e.Decide(tasks)
	does := append([]string{e.LogLine(results, 200)}, e.Warnings...)
	for _, result := range results {
		does = append(does, result.Messages...)
		for _, change := range result.Changes {
			does = append(does, change.Name)
		}
	}
	return does
}

// compilePlain builds programs/plain.c with the shim's own files.
func compilePlain(t *testing.T) string {
	t.Helper()
	return compile(t, "programs/plain.c", "../../cshim/plain.c", "../../cshim/board.c", "../../cshim/apply.c", "../../cshim/trust.c")
}

// ownedByRoot returns a directory that only root can write to, up to "/": a policy file in
// any other one is refused.
func ownedByRoot(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a policy file that is trusted; run this as root")
	}
	dir, err := os.MkdirTemp("/var/lib", "mp-policy-shim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPlainSteps holds the shim's own answer against the engine's. If the shim answers, the
// engine must change, print and log nothing. The shim must answer for ordinary binaries, and
// must not answer for a step that the engine has to look at.
func TestPlainSteps(t *testing.T) {
	program := compilePlain(t)
	root := ownedByRoot(t)
	dir := filepath.Join(root, "work")
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, text string, mode os.FileMode) string {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("work/pool.py", "import multiprocessing\nif __name__ == '__main__':\n    multiprocessing.Pool(4)\n", 0o755)
	for _, name := range []string{"a.out", "cpptraj", "bin/onpath", "bin/python3", "python3.12", "ipython", "bash", "mpirun", "apptainer", "docker", "numactl", "dask-worker", "black", "uv", "x.py"} {
		file("work/"+name, string(binary), 0o755)
	}
	file("work/bin/script", "#!/usr/bin/env python3\nimport multiprocessing\nmultiprocessing.Pool(4)\n", 0o755)
	file("work/bin/text", "echo no magic number\n", 0o755)
	file("work/bin/closed", string(binary), 0o644)
	file("work/bin/short", "\x7fELF", 0o755)
	file("work/bin/ranks", "0-1 python3 pool.py\n", 0o644)
	file("work/bin/elftext", "\x7fELF python3 pool.py multiprocessing\n", 0o755)
	for name, to := range map[string]string{"python": "../a.out", "prog": "../python3.12", "loop": "loop", "gone": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(bin, "fifo"), 0o777); err != nil {
		t.Fatal(err)
	}
	noRules := file("none.conf", "# no rule here\n\n\t # rule \"x\" workload=python\n#end", 0o644)
	shipped, err := os.ReadFile("../../packaging/mp_policy.conf")
	if err != nil {
		t.Fatal(err)
	}
	standard := plainStep{
		dir: dir, config: noRules, def: "on", log: "off", kind: "step", tasks: 2,
		env: []string{"PATH=" + bin + ":/usr/bin:/bin", "HOME=/"},
	}
	with := func(change func(*plainStep), argv ...string) plainStep {
		s := standard
		s.argv = argv
		change(&s)
		return s
	}
	command := func(argv ...string) plainStep { return with(func(*plainStep) {}, argv...) }
	env := func(entries ...string) plainStep {
		return with(func(s *plainStep) { s.env = append(entries, s.env...) }, "./a.out")
	}
	config := func(path string) plainStep { return with(func(s *plainStep) { s.config = path }, "./a.out") }
	for name, c := range map[string]struct {
		step  plainStep
		plain bool
	}{
		"absolute":           {command(dir + "/a.out"), true},
		"relative":           {command("./a.out", "python3", "pool.py"), true},
		"relative, deeper":   {command("bin/onpath"), true},
		"on PATH":            {command("onpath", "-n", "4"), true},
		"/bin/true":          {command("/bin/true"), true},
		"of another name":    {command("./cpptraj"), true},
		"on PATH, later":     {command("true"), true},
		"binary x.py":        {command("./x.py"), true},
		"link to python3":    {command("prog", "pool.py"), true},
		"one task":           {with(func(s *plainStep) { s.tasks = 1 }, "./a.out"), true},
		"300 tasks":          {with(func(s *plainStep) { s.tasks = 300 }, "./a.out"), true},
		"log=changes":        {with(func(s *plainStep) { s.log = "changes" }, "./a.out"), true},
		"comments only":      {config(noRules), true},
		"the shipped file":   {config(file("shipped.conf", string(shipped), 0o644)), true},
		"an empty file":      {config(file("empty.conf", "", 0o644)), true},
		"variables of Slurm": {env("SLURM_CPU_BIND=quiet,mask_cpu:0x1", "OMP_PLACES=cores"), true},

		"no command":           {command(), false},
		"empty command":        {command(""), false},
		"directory":            {command(dir + "/"), false},
		"python3":              {command("python3", "pool.py"), false},
		"binary python3":       {command("./bin/python3"), false},
		"link named python":    {command("python", "pool.py"), false},
		"python3.12":           {command("./python3.12", "pool.py"), false},
		"ipython":              {command("./ipython"), false},
		"bash":                 {command("./bash"), false},
		"mpirun":               {command("./mpirun", "python3", "pool.py"), false},
		"apptainer":            {command("./apptainer", "exec", "x", "python3", "pool.py"), false},
		"docker":               {command("./docker", "run", "x", "python3", "pool.py"), false},
		"numactl":              {command("./numactl", "-N", "0", "python3", "pool.py"), false},
		"dask-worker":          {command("./dask-worker"), false},
		"black":                {command("./black", "."), false},
		"uv":                   {command("./uv", "run", "pool.py"), false},
		"env":                  {command("/usr/bin/env", "python3", "pool.py"), false},
		"script":               {command("script"), false},
		"Python script":        {command("./pool.py"), false},
		"text":                 {command("text"), false},
		"short":                {command("bin/short"), false},
		"text with ELF":        {command("bin/elftext"), false},
		"not executable":       {command("bin/closed"), false},
		"missing":              {command("nothing-of-this-name"), false},
		"missing, with slash":  {command("./nothing"), false},
		"link in a circle":     {command("bin/loop"), false},
		"link to nothing":      {command("bin/gone"), false},
		"FIFO":                 {command("bin/fifo"), false},
		"FIFO on PATH":         {command("fifo"), false},
		"device":               {command("/dev/null"), false},
		"is a directory":       {command("./bin"), false},
		"..":                   {command("bin/../a.out"), false},
		"too long":             {command("./" + strings.Repeat("x", 5000)), false},
		"multi-prog":           {command("bin/ranks", "0-1 python3 pool.py\n"), false},
		"multi-prog, and ELF":  {command("bin/elftext", "\x7fELF python3 pool.py multiprocessing\n"), false},
		"relative in /":        {with(func(s *plainStep) { s.dir = "/" }, "bin/true"), false},
		"no PATH":              {with(func(s *plainStep) { s.env = []string{"HOME=/"} }, "true"), false},
		"empty PATH":           {with(func(s *plainStep) { s.env = []string{"PATH="} }, "a.out"), false},
		"relative PATH":        {with(func(s *plainStep) { s.env = []string{"PATH=bin:/bin"} }, "onpath"), false},
		"PATH with ..":         {with(func(s *plainStep) { s.env = []string{"PATH=" + bin + "/../bin"} }, "onpath"), false},
		"MP_POLICY":            {env("MP_POLICY=multiprocessing"), false},
		"MP_POLICY=explain":    {env("MP_POLICY=explain"), false},
		"malformed MP_POLICY":  {env("MP_POLICY=fsat"), false},
		"record":               {env("MP_POLICY_APPLIED=OMP_NUM_THREADS=1", "OMP_NUM_THREADS=1"), false},
		"option":               {with(func(s *plainStep) { s.option = "multiprocessing" }, "./a.out"), false},
		"option explain":       {with(func(s *plainStep) { s.option = "explain" }, "./a.out"), false},
		"observe":              {with(func(s *plainStep) { s.def = "observe" }, "./a.out"), false},
		"default=off":          {with(func(s *plainStep) { s.def = "off" }, "./a.out"), false},
		"log=all":              {with(func(s *plainStep) { s.log = "all" }, "./a.out"), false},
		"batch":                {with(func(s *plainStep) { s.kind = "batch" }, "./a.out"), false},
		"interactive":          {with(func(s *plainStep) { s.kind = "interactive" }, "./a.out"), false},
		"rule of the site":     {config(file("rule.conf", "# all\nrule \"all\"\n  set X 1\n", 0o644)), false},
		"rule behind a blank":  {config(file("blank.conf", "#\n rule \"all\"\n  set X 1", 0o644)), false},
		"include":              {config(file("include.conf", "include \"*.d\"\n", 0o644)), false},
		"malformed":            {config(file("malformed.conf", "x\n", 0o644)), false},
		"not in UTF-8":         {config(file("latin1.conf", "# \xfc\n", 0o644)), false},
		"NUL in a comment":     {config(file("nul.conf", "# \x00\n", 0o644)), false},
		"rule behind a return": {config(file("return.conf", "#\r\nrule \"all\"\r\n  set X 1", 0o644)), false},
		"long":                 {config(file("long.conf", strings.Repeat("#\n", 5000)+"rule \"all\"\n  set X 1", 0o644)), false},
		"named and missing":    {config(filepath.Join(root, "missing.conf")), false},
		"of a user":            {config(file("user.conf", "#\n", 0o666)), false},
		"a directory as file":  {config(root), false},
	} {
		t.Run(name, func(t *testing.T) {
			have := c.step.asksNoEngine(t, program)
			if have != c.plain {
				t.Errorf("the shim answers itself: %v, want %v", have, c.plain)
			}
			if does := strings.Join(c.step.engineDoes(), ""); have && does != "" {
				t.Errorf("the shim answers itself, and the engine has %q", does)
			}
		})
	}
}

// TestBuiltinRulesNeedATag holds the built-in rules against what the shim takes for granted
// in its own answer: no rule applies to a program without a tag.
func TestBuiltinRulesNeedATag(t *testing.T) {
	text, err := os.ReadFile("../../policy/builtin.conf")
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "rule ") {
			continue
		}
		rules++
		if !needsTag(line) {
			t.Errorf("this rule may apply to a program without a tag, so cshim/plain.c would hide it: %s", line)
		}
	}
	if rules < 20 {
		t.Errorf("only %d rules", rules)
	}
	for line, want := range map[string]bool{
		`rule "a" node=knl`: false, `rule "a" workload=!python`: false, `rule "a" workload=mpi,!python`: true,
		`rule "a" workload=!mpi workload=python`: true, `rule "a" workload=python+mpi,mpi`: true,
	} {
		if needsTag(line) != want {
			t.Errorf("%s: want %v", line, want)
		}
	}
}

// needsTag reports whether the rule of a line applies only to programs with a tag.
func needsTag(line string) bool {
	for _, word := range strings.Fields(line) {
		if values, ok := strings.CutPrefix(word, "workload="); ok {
			for value := range strings.SplitSeq(values, ",") {
				if !strings.HasPrefix(value, "!") {
					return true
				}
			}
		}
	}
	return false
}

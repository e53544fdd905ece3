// Package functions runs Shopify Functions as Shopify does: a module that imports "shopify_function_v2" reads an input
// and writes one answer. It is for the simulated store and for tests.
//
// The interface is that of github.com/Shopify/shopify-function-wasm-api at daae540 (api/src/shopify_function.wat); what
// a wrong use of it answers is taken from its provider.
package functions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	importedModule = "shopify_function_v2"
	importedPrefix = "shopify_function_"
	// MostInput and MostOutput are Shopify's bounds, in bytes of JSON.
	MostInput  = 128_000
	MostOutput = 20_000
	// mostPages bounds a module's memory: 64 of them are 4 MiB.
	mostPages = 64
)

// The failures of a run that are the Function's own. Shopify goes on without its answer.
var (
	ErrTrapped    = errors.New("the Function trapped")
	ErrUnfinished = errors.New("the Function has written no whole answer")
	ErrWriting    = errors.New("the Function has written something out of place")
	ErrTooLarge   = errors.New("the input or the answer is larger than Shopify allows")
)

// Function is a compiled module. It is safe for concurrent use: each run has an instance of its own.
type Function struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	export   string
}

// New compiles a module of which one export is the Function. Whatever Shopify would not take is an error: imports of
// another module, no export, more than one memory.
func New(ctx context.Context, module []byte, export string) (*Function, error) {
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(mostPages).
		WithCloseOnContextDone(true))
	f := &Function{runtime: runtime, export: export}
	compiled, err := runtime.CompileModule(ctx, module)
	if err == nil {
		err = check(compiled, export)
	}
	if err == nil {
		err = provide(ctx, runtime)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("compile the Function: %w", err), runtime.Close(ctx))
	}
	f.compiled = compiled
	return f, nil
}

func check(m wazero.CompiledModule, export string) error {
	for _, f := range m.ImportedFunctions() {
		if module, name, _ := f.Import(); module != importedModule {
			return fmt.Errorf("it imports %s.%s", module, name)
		}
	}
	run, found := m.ExportedFunctions()[export]
	if !found || len(run.ParamTypes())+len(run.ResultTypes()) > 0 {
		return fmt.Errorf("it has no export %q that takes and returns nothing", export)
	}
	if len(m.ExportedMemories()) != 1 || len(m.ImportedMemories()) > 0 {
		return errors.New("it does not export its one memory")
	}
	return nil
}

// Close frees the module.
func (f *Function) Close(ctx context.Context) error { return f.runtime.Close(ctx) }

// Run gives the Function an input, which is JSON, and returns its answer as JSON. Errors: one of the failures above.
func (f *Function) Run(ctx context.Context, input []byte) ([]byte, error) {
	if len(input) > MostInput {
		return nil, ErrTooLarge
	}
	one := &run{}
	var value any
	if err := json.Unmarshal(input, &value); err != nil {
		return nil, fmt.Errorf("the input: %w", err)
	}
	one.root = one.keep(value)
	// A module that has a start function must not be started by it: Shopify calls the export alone.
	instance, err := f.runtime.InstantiateModule(ctx, f.compiled, wazero.NewModuleConfig().WithName("").
		WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrapped, err)
	}
	defer func() { _ = instance.Close(ctx) }()
	if _, err := instance.ExportedFunction(f.export).Call(context.WithValue(ctx, runKey{}, one)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrapped, err)
	}
	return one.answer()
}

type runKey struct{}

// run is what one call reads and writes.
type run struct {
	root   uint64
	kept   []any // what addresses of values lead to
	levels []level
	done   bool
	output any
	wrong  status
}

func (r *run) answer() ([]byte, error) {
	switch {
	case r.wrong != written:
		return nil, fmt.Errorf("%w: status %d", ErrWriting, r.wrong)
	case !r.done:
		return nil, ErrUnfinished
	}
	text, err := json.Marshal(r.output)
	if err == nil && len(text) > MostOutput {
		err = ErrTooLarge
	}
	return text, err
}

// provide defines what a module may import.
func provide(ctx context.Context, runtime wazero.Runtime) error {
	host := runtime.NewHostModuleBuilder(importedModule)
	i32, i64, f64 := api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF64
	for _, f := range []struct {
		name    string
		params  []api.ValueType
		results []api.ValueType
		call    func(r *run, memory api.Memory, stack []uint64)
	}{
		{"input_get", nil, []api.ValueType{i64}, (*run).get},
		{"input_get_val_len", []api.ValueType{i64}, []api.ValueType{i32}, (*run).length},
		{"input_read_utf8_str", []api.ValueType{i32, i32, i32}, nil, (*run).readString},
		{"input_get_obj_prop", []api.ValueType{i64, i32, i32}, []api.ValueType{i64}, (*run).property},
		{"input_get_at_index", []api.ValueType{i64, i32}, []api.ValueType{i64}, (*run).at},
		{"output_new_bool", []api.ValueType{i32}, []api.ValueType{i32}, (*run).newBool},
		{"output_new_null", nil, []api.ValueType{i32}, (*run).newNull},
		{"output_new_i32", []api.ValueType{i32}, []api.ValueType{i32}, (*run).newInt},
		{"output_new_f64", []api.ValueType{f64}, []api.ValueType{i32}, (*run).newFloat},
		{"output_new_utf8_str", []api.ValueType{i32, i32}, []api.ValueType{i32}, (*run).newString},
		{"output_new_object", []api.ValueType{i32}, []api.ValueType{i32}, (*run).newObject},
		{"output_finish_object", nil, []api.ValueType{i32}, (*run).finishObject},
		{"output_new_array", []api.ValueType{i32}, []api.ValueType{i32}, (*run).newArray},
		{"output_finish_array", nil, []api.ValueType{i32}, (*run).finishArray},
	} {
		host.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
			func(ctx context.Context, m api.Module, stack []uint64) {
				r, _ := ctx.Value(runKey{}).(*run)
				f.call(r, m.Memory(), stack)
			}), slices.Clone(f.params), slices.Clone(f.results)).Export(importedPrefix + f.name)
	}
	_, err := host.Instantiate(ctx)
	return err
}

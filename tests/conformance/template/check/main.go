// Puts compiled pipelines before Kubeflow's own code as its API server does: upload, run,
// recurring run. It reads a request as JSON from standard input and writes the answers as JSON.
//
// The versions of Kubeflow differ in a few signatures; what differs is called by reflection, so
// that one program fits all of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/kubeflow/pipelines/backend/src/apiserver/model"
	"github.com/kubeflow/pipelines/backend/src/apiserver/template"
	"github.com/kubeflow/pipelines/backend/src/common/util"
	"github.com/kubeflow/pipelines/kubernetes_platform/go/kubernetesplatform"
	"github.com/spf13/viper"
	"google.golang.org/protobuf/encoding/protojson"
)

// Run is what is asked for when a run is created; Parameters is a JSON object, or empty.
type Run struct {
	Parameters string `json:"parameters"`
	Root       string `json:"root"`
}

// Request names files of compiled pipelines and what is tried with each of them.
type Request struct {
	Packages  []string `json:"packages"`
	Runs      []Run    `json:"runs"`
	Recurring Run      `json:"recurring"`
	Cron      string   `json:"cron"`
}

// Answer is about one package. An empty text of a refusal means that it was accepted.
type Answer struct {
	Package   string          `json:"package"`
	Upload    string          `json:"upload"`
	Name      string          `json:"name"`
	Runs      []string        `json:"runs"`
	Workflow  json.RawMessage `json:"workflow"`
	Platform  []string        `json:"platform"`
	Recurring string          `json:"recurring"`
	Scheduled any             `json:"scheduled"`
}

// initProxy is set by proxy.go, which is part of the program where Kubeflow has that package.
var initProxy = func() {}

func main() {
	viper.Set("POD_NAMESPACE", "kubeflow")
	initProxy()
	var request Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	answers := []Answer{}
	for _, path := range request.Packages {
		answers = append(answers, check(path, request))
	}
	_ = json.NewEncoder(os.Stdout).Encode(answers)
}

func check(path string, request Request) Answer {
	answer := Answer{Package: path}
	text, err := os.ReadFile(path)
	if err != nil {
		answer.Upload = err.Error()
		return answer
	}
	parsed, err := parse(text)
	if err != nil {
		answer.Upload = err.Error()
		return answer
	}
	answer.Name = parsed.V2PipelineName()
	for number, run := range request.Runs {
		workflow, err := compile(text, run)
		answer.Runs = append(answer.Runs, refusal(err))
		if number == 0 && err == nil {
			answer.Workflow = json.RawMessage(workflow.ToStringForStore())
			answer.Platform = readPlatform(answer.Workflow)
		}
	}
	answer.Scheduled, err = schedule(text, request.Recurring, request.Cron)
	answer.Recurring = refusal(err)
	return answer
}

// parse calls template.New with zero values for what it takes beside the text: options that are
// not set in Kubeflow's own installation.
func parse(text []byte) (template.Template, error) {
	function := reflect.ValueOf(template.New)
	arguments := []reflect.Value{reflect.ValueOf(text)}
	for position := 1; position < function.Type().NumIn(); position++ {
		arguments = append(arguments, reflect.Zero(function.Type().In(position)))
	}
	results := function.Call(arguments)
	if err, refused := results[1].Interface().(error); refused {
		return nil, err
	}
	return results[0].Interface().(template.Template), nil
}

// compile makes the Argo workflow of a run and lets Argo validate it.
func compile(text []byte, run Run) (util.ExecutionSpec, error) {
	parsed, err := parse(text)
	if err != nil {
		return nil, err
	}
	asked := &model.Run{
		UUID: "11111111-1111-4111-8111-111111111111", DisplayName: "run", K8SName: "run", Namespace: "kubeflow",
	}
	configure(&asked.PipelineSpec.RuntimeConfig, run)
	options := template.RunWorkflowOptions{RunAt: 1_790_000_000}
	setField(&options, "runid", asked.UUID)
	workflow, err := parsed.RunWorkflow(asked, options)
	if err != nil {
		return nil, err
	}
	return workflow, workflow.Validate(false, false)
}

// schedule makes the resource from which the controller of recurring runs creates the runs.
func schedule(text []byte, run Run, cron string) (any, error) {
	parsed, err := parse(text)
	if err != nil {
		return nil, err
	}
	job := &model.Job{
		K8SName: "nightly", DisplayName: "nightly", Namespace: "kubeflow", MaxConcurrency: 1,
		NoCatchup: true, Enabled: true,
		Trigger: model.Trigger{CronSchedule: model.CronSchedule{Cron: &cron}},
	}
	configure(&job.PipelineSpec.RuntimeConfig, run)
	return parsed.ScheduledWorkflow(job)
}

// readPlatform reads what the workflow holds of the second document as the driver does, and
// returns what of it the driver refuses.
func readPlatform(workflow json.RawMessage) []string {
	var read struct {
		Metadata struct {
			Annotations map[string]string
		}
		Spec struct {
			Arguments struct {
				Parameters []struct{ Name, Value string }
			}
		}
	}
	if err := json.Unmarshal(workflow, &read); err != nil {
		return []string{err.Error()}
	}
	texts := map[string]string{}
	for name, value := range read.Metadata.Annotations { // up to 2.2
		texts[strings.TrimPrefix(name, "pipelines.kubeflow.org/")] = value
	}
	for _, parameter := range read.Spec.Arguments.Parameters {
		texts[parameter.Name] = parameter.Value
	}
	refused := []string{}
	for name, text := range texts {
		if !strings.HasPrefix(name, "kubernetes-") {
			continue
		}
		var config kubernetesplatform.KubernetesExecutorConfig
		if err := protojson.Unmarshal([]byte(text), &config); err != nil {
			refused = append(refused, name+": "+err.Error())
		}
	}
	return refused
}

func configure(config *model.RuntimeConfig, run Run) {
	setText(&config.Parameters, run.Parameters)
	setText(&config.PipelineRoot, run.Root)
}

// setText sets a text whose type has a name of its own since 2.15.
func setText[T ~string](target *T, text string) { *target = T(text) }

// setField sets a text by the lower-case name of its field, whose spelling changed in 2.15.
func setField(target any, name, text string) {
	value := reflect.ValueOf(target).Elem()
	for position := 0; position < value.NumField(); position++ {
		if strings.ToLower(value.Type().Field(position).Name) == name {
			value.Field(position).SetString(text)
		}
	}
}

func refusal(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

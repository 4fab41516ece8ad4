// MOCKBROKER=path/to/mockbroker go test
package orders

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Cluster is what the program says when it is ready.
type Cluster struct {
	Bootstrap string `json:"bootstrap"`
	Control   string `json:"control"`
}

// startCluster starts a mock Kafka cluster, which ends with the test.
func startCluster(t *testing.T, arguments ...string) (cluster Cluster) {
	t.Helper()
	program := os.Getenv("MOCKBROKER")
	if program == "" {
		program = "mockbroker"
	}
	command := exec.Command(program, append([]string{"--port", "0", "--exit-with-stdin"}, arguments...)...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	if err := json.NewDecoder(stdout).Decode(&cluster); err != nil {
		t.Fatal(err)
	}
	return cluster
}

func TestAnOrderIsSentAndReadBack(t *testing.T) {
	cluster := startCluster(t, "--brokers", "3", "--topic", "orders:3")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(cluster.Bootstrap, ",")...),
		kgo.ConsumeTopics("orders"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	order := &kgo.Record{Topic: "orders", Key: []byte("user123"), Value: []byte("one cup")}
	if err := client.ProduceSync(ctx, order).FirstErr(); err != nil {
		t.Fatal(err)
	}
	fetches := client.PollFetches(ctx)
	if err := fetches.Err(); err != nil {
		t.Fatal(err)
	}
	read := fetches.Records()
	if len(read) != 1 || string(read[0].Key) != "user123" || string(read[0].Value) != "one cup" {
		t.Fatalf("read %v", read)
	}
}

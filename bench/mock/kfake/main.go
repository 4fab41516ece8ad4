// Command kfake is franz-go's mock cluster as a program: it tells how long a start takes, or serves until its standard input ends.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

var (
	starts     = flag.Int("starts", 0, "start three brokers so many times, and print the nanoseconds of the middle one")
	partitions = flag.Int("partitions", 1, "partitions of the topic \"bench\"")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if *starts > 0 {
		return measure(*starts)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.SeedTopics(int32(*partitions), "bench"))
	if err != nil {
		return err
	}
	defer cluster.Close()
	fmt.Printf("{\"bootstrap\":%q}\n", strings.Join(cluster.ListenAddrs(), ","))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func measure(count int) error {
	took := make([]time.Duration, count)
	for i := range took {
		begun := time.Now()
		cluster, err := kfake.NewCluster(kfake.NumBrokers(3))
		if err != nil {
			return err
		}
		took[i] = time.Since(begun)
		cluster.Close()
	}
	slices.Sort(took)
	fmt.Println(took[count/2].Nanoseconds())
	return nil
}

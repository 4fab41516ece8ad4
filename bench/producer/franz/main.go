// Command franz is franz-go as a program that sends records, with the command line of the contenders in Rust (contender/src/lib.rs).
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap  = flag.String("bootstrap", "", "addresses of brokers")
	topic      = flag.String("topic", "", "the topic")
	partitions = flag.Int("partitions", 1, "over how many of its partitions the records go")
	records    = flag.Int("records", 0, "how many records to send")
	seconds    = flag.Float64("seconds", 1e6, "after which no more are sent")
	values     = flag.String("values", "", "a file of values, one behind the other")
	valueBytes = flag.Int("value-bytes", 0, "bytes of each value")
	codec      = flag.String("codec", "none", "none or lz4")
	ca         = flag.String("ca", "", "certificate of the CA in PEM; with it, all is TLS")
	mode       = flag.String("mode", "throughput", "throughput or latency")
)

// After how many records the clock is looked at.
const lookEvery = 64

type report struct {
	Seconds    float64  `json:"seconds"`
	CPUSeconds float64  `json:"cpu_seconds"`
	Records    int64    `json:"records"`
	P50        *float64 `json:"p50_seconds"`
	P99        *float64 `json:"p99_seconds"`
}

func main() {
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	done, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(done)
}

func run(ctx context.Context) (report, error) {
	pool, err := os.ReadFile(*values)
	if err != nil {
		return report{}, err
	}
	options, err := options()
	if err != nil {
		return report{}, err
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return report{}, err
	}
	defer client.Close()
	record := func(nth int) *kgo.Record {
		begin := nth % (len(pool) / *valueBytes) * *valueBytes
		return &kgo.Record{Partition: int32(nth % *partitions), Value: pool[begin : begin+*valueBytes]}
	}
	for partition := range *partitions {
		if err := client.ProduceSync(ctx, record(partition)).FirstErr(); err != nil {
			return report{}, err
		}
	}
	if *mode == "latency" {
		return latency(ctx, client, record)
	}
	return throughput(ctx, client, record)
}

func options() ([]kgo.Opt, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(*bootstrap, ",")...),
		kgo.DefaultProduceTopic(*topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	}
	// Its default is snappy.
	if *codec == "lz4" {
		options = append(options, kgo.ProducerBatchCompression(kgo.Lz4Compression()))
	} else {
		options = append(options, kgo.ProducerBatchCompression(kgo.NoCompression()))
	}
	if *mode == "latency" {
		options = append(options, kgo.ProducerLinger(0))
	}
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("no certificate in -ca")
		}
		options = append(options, kgo.DialTLSConfig(&tls.Config{RootCAs: roots}))
	}
	return options, nil
}

func throughput(ctx context.Context, client *kgo.Client, record func(int) *kgo.Record) (report, error) {
	var acknowledged atomic.Int64
	var failed atomic.Pointer[error]
	begun, cpu := time.Now(), processCPU()
	limit := time.Duration(*seconds * float64(time.Second))
	for nth := range *records {
		if nth%lookEvery == 0 && time.Since(begun) > limit {
			break
		}
		client.Produce(ctx, record(nth), func(_ *kgo.Record, err error) {
			if err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
			acknowledged.Add(1)
		})
	}
	if err := client.Flush(ctx); err != nil {
		return report{}, err
	}
	done := report{Seconds: time.Since(begun).Seconds(), CPUSeconds: (processCPU() - cpu).Seconds(), Records: acknowledged.Load()}
	if err := failed.Load(); err != nil {
		return report{}, *err
	}
	return done, nil
}

func latency(ctx context.Context, client *kgo.Client, record func(int) *kgo.Record) (report, error) {
	latencies := []time.Duration{}
	begun, cpu := time.Now(), processCPU()
	limit := time.Duration(*seconds * float64(time.Second))
	for nth := range *records {
		if nth%lookEvery == 0 && time.Since(begun) > limit {
			break
		}
		sent := time.Now()
		if err := client.ProduceSync(ctx, record(nth)).FirstErr(); err != nil {
			return report{}, err
		}
		latencies = append(latencies, time.Since(sent))
	}
	done := report{Seconds: time.Since(begun).Seconds(), CPUSeconds: (processCPU() - cpu).Seconds(), Records: int64(len(latencies))}
	slices.Sort(latencies)
	percentile := func(of int) *float64 {
		if len(latencies) == 0 {
			return nil
		}
		seconds := latencies[len(latencies)*of/100].Seconds()
		return &seconds
	}
	done.P50, done.P99 = percentile(50), percentile(99)
	return done, nil
}

// processCPU is the processor time of all threads of this process, in user code and in the kernel.
func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

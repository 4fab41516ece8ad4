// Command franz sends records with franz-go, reads them back, and prints how long both took, once what was sent, the high watermarks and what was
// read are the same.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap  = flag.String("bootstrap", "", "addresses of brokers")
	partitions = flag.Int("partitions", 1, "partitions of the topic \"bench\"")
	count      = flag.Int64("records", 0, "how many records to send")
	valueBytes = flag.Int("value-bytes", 100, "bytes of each record's value")
)

func main() {
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	produced, err := produce(ctx)
	if err != nil {
		return err
	}
	fetched, err := fetch(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("{\"produce_seconds\":%g,\"fetch_seconds\":%g}\n", produced.Seconds(), fetched.Seconds())
	return nil
}

func produce(ctx context.Context) (time.Duration, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(*bootstrap, ",")...),
		kgo.DefaultProduceTopic("bench"),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	value := make([]byte, *valueBytes)
	var acknowledged atomic.Int64
	var failed atomic.Pointer[error]
	begun := time.Now()
	for range *count {
		client.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.CompareAndSwap(nil, &err)
				return
			}
			acknowledged.Add(1)
		})
	}
	if err := client.Flush(ctx); err != nil {
		return 0, err
	}
	took := time.Since(begun)
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	if got := acknowledged.Load(); got != *count {
		return 0, fmt.Errorf("%d of %d records were acknowledged", got, *count)
	}
	return took, nil
}

func fetch(ctx context.Context) (time.Duration, error) {
	offsets := make(map[int32]kgo.Offset)
	for partition := range int32(*partitions) {
		offsets[partition] = kgo.NewOffset().AtStart()
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(*bootstrap, ",")...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"bench": offsets}),
	)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	watermarks := make(map[int32]int64)
	read := int64(0)
	begun := time.Now()
	for read < *count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return 0, err
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			watermarks[p.Partition] = p.HighWatermark
			read += int64(len(p.Records))
		})
	}
	took := time.Since(begun)
	written := int64(0)
	for _, watermark := range watermarks {
		written += watermark
	}
	if read != *count || written != *count {
		return 0, fmt.Errorf("%d records were sent, %d are in the log, %d were read", *count, written, read)
	}
	return took, nil
}

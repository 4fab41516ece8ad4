// Command franz sends records with franz-go, and reads them back from the partitions themselves, in no group.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/aws"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
)

var (
	bootstrap   = flag.String("bootstrap", "", "addresses of brokers")
	ca          = flag.String("ca", "", "certificate to trust; without it there is no TLS")
	certificate = flag.String("certificate", "", "folder with client.pem and client-key.pem")
	mechanism   = flag.String("mechanism", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, AWS_MSK_IAM or OAUTHBEARER")
	secret      = flag.String("secret", os.Getenv("USER_SECRET"), "secret of the user of PLAIN and SCRAM")
	compression = flag.String("compression", "none", "gzip, snappy, lz4 or zstd")
	topic       = flag.String("topic", fmt.Sprintf("franz-%d", os.Getpid()), "topic to write to")
	printed     = flag.Int("print", 0, "send nothing, and print the values of so many records of the topic")
	batches     = flag.Int("batches", 1, "how often to send all records, one second apart")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	options, err := connection()
	if err != nil {
		return err
	}
	if *printed > 0 {
		return printValues(ctx, options)
	}
	sent, err := send(ctx, options)
	if err != nil {
		return err
	}
	return readBack(ctx, options, sent)
}

func connection() ([]kgo.Opt, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(*bootstrap, ",")...),
		kgo.AllowAutoTopicCreation(),
		kgo.UnknownTopicRetries(20),
		kgo.RetryTimeout(20 * time.Second),
	}
	if *ca != "" {
		config, err := trusting()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	if *mechanism != "" {
		chosen, err := login()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(chosen))
	}
	return options, nil
}

func trusting() (*tls.Config, error) {
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate+"/client.pem", *certificate+"/client-key.pem")
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func login() (sasl.Mechanism, error) {
	user := os.Getenv("USER_NAME")
	switch *mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: *secret}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: *secret}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: *secret}.AsSha512Mechanism(), nil
	case "AWS_MSK_IAM":
		keys := aws.Auth{AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}
		return keys.AsManagedStreamingIAMMechanism(), nil
	case "OAUTHBEARER":
		return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
			token, _, err := signer.GenerateAuthToken(ctx, os.Getenv("AWS_REGION"))
			return oauth.Auth{Token: token}, err
		}), nil
	}
	return nil, fmt.Errorf("%q is no mechanism", *mechanism)
}

// toSend are records with keys, nulls, empty and large values, every byte, and headers; no two are the same.
func toSend(batch int) []*kgo.Record {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	values := [][]byte{every, {}, nil, bytes.Repeat([]byte("x"), 100_000), []byte("ünïcode")}
	var records []*kgo.Record
	for n := range 300 {
		key := fmt.Appendf(nil, "key-%d-%d", batch, n)
		headers := []kgo.RecordHeader{{Key: "n", Value: fmt.Append(nil, n)}, {Key: "empty", Value: []byte{}}}
		records = append(records, &kgo.Record{Topic: *topic, Key: key, Value: values[n%len(values)], Headers: headers})
	}
	return records
}

func send(ctx context.Context, options []kgo.Opt) ([]*kgo.Record, error) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(append(options, kgo.ProducerBatchCompression(codecs[*compression]))...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	var sent []*kgo.Record
	for batch := range *batches {
		if batch > 0 {
			time.Sleep(time.Second)
		}
		records := toSend(batch)
		// Where the client is not let in, this says why, and producing would try for ever.
		if err := client.Ping(ctx); err != nil {
			return nil, err
		}
		if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return nil, err
		}
		sent = append(sent, records...)
	}
	return sent, nil
}

func readBack(ctx context.Context, options []kgo.Opt, sent []*kgo.Record) error {
	client, err := kgo.NewClient(append(options, kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return err
	}
	defer client.Close()
	read := map[string]*kgo.Record{}
	for len(read) < len(sent) {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return fmt.Errorf("%d of %d records were read, then: %w", len(read), len(sent), err)
		}
		for _, failed := range fetches.Errors() {
			return failed.Err
		}
		for record := range fetches.RecordsAll() {
			if read[string(record.Key)] != nil {
				return fmt.Errorf("%s was read twice", record.Key)
			}
			read[string(record.Key)] = record
		}
	}
	for _, record := range sent {
		if !equal(record, read[string(record.Key)]) {
			return fmt.Errorf("%s was not read as it was sent", record.Key)
		}
	}
	if len(read) != len(sent) {
		return errors.New("more records were read than were sent")
	}
	fmt.Println(len(read), "records came back as they were sent")
	return nil
}

// printValues prints what the programs of others sent.
func printValues(ctx context.Context, options []kgo.Opt) error {
	client, err := kgo.NewClient(append(options, kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return err
	}
	defer client.Close()
	for left := *printed; left > 0; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for record := range fetches.RecordsAll() {
			fmt.Println(string(record.Value))
			left--
		}
	}
	return nil
}

func equal(sent, read *kgo.Record) bool {
	if read == nil || !bytes.Equal(sent.Value, read.Value) || (sent.Value == nil) != (read.Value == nil) || len(sent.Headers) != len(read.Headers) {
		return false
	}
	for i, header := range sent.Headers {
		if header.Key != read.Headers[i].Key || !bytes.Equal(header.Value, read.Headers[i].Value) {
			return false
		}
	}
	return true
}

// Command kfake is franz-go's mock cluster as a program of one broker: it says where it listens, and serves until its standard input ends.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
)

var (
	advertise = flag.String("advertise", "", "address that clients are told, in place of the one that it listens at")
	cert      = flag.String("cert", "", "certificate in PEM; with it, all is TLS")
	key       = flag.String("key", "", "the certificate's key in PEM")
)

// advertised tells another address than the one that it listens at.
type advertised struct {
	net.Listener
	addr net.Addr
}

func (a advertised) Addr() net.Addr { return a.addr }

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var listening string
	listen := func(network, address string) (net.Listener, error) {
		listener, err := net.Listen(network, address)
		if err != nil {
			return nil, err
		}
		listening = listener.Addr().String()
		if *advertise == "" {
			return listener, nil
		}
		addr, err := net.ResolveTCPAddr("tcp", *advertise)
		return advertised{listener, addr}, err
	}
	options := []kfake.Opt{kfake.NumBrokers(1), kfake.ListenFn(listen)}
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return err
		}
		options = append(options, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}}))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		return err
	}
	defer cluster.Close()
	fmt.Printf("{\"bootstrap\":%q}\n", listening)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

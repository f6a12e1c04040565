// A MongoDB wire server for tests: FerretDB over SQLite behind a proxy that lets one command through at a time.
// FerretDB's updates are not atomic across connections, MongoDB's are; the proxy closes that gap.
// No benchmark and no production server.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Every command reads whole collections into memory that is small and soon free again: a fifth of the processor time
// went to collecting it with Go's 100.
const gcPercent = 800

func main() {
	debug.SetGCPercent(gcPercent)
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	folder := flag.String("folder", "", "folder of the database files; must exist")
	flag.Parse()
	if *folder == "" {
		log.Fatal("-folder is needed")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	go endWithParent(stop)
	if err := serve(ctx, *listen, *folder); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, listen string, folder string) error {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	backend, err := url.Parse(server.MongoDBURI())
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	go newProxy(backend.Host).serve(listener)
	fmt.Printf("listening on %s\n", listener.Addr())
	return <-ended
}

// The parent holds the other end of standard input: a test process that is killed takes this server with it.
func endWithParent(stop func()) {
	_, _ = io.Copy(io.Discard, os.Stdin)
	stop()
}

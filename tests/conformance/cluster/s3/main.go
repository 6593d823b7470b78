// An S3 server on loopback that keeps its objects in memory. Arguments: port, buckets.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	store := s3mem.New()
	for _, bucket := range os.Args[2:] {
		if err := store.CreateBucket(bucket); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+os.Args[1], gofakes3.New(store).Server()))
	os.Exit(1)
}

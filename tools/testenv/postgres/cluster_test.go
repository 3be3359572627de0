package postgres

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A cluster answers after Start and after Restart, on loopback, and Stop leaves neither process nor folder.
func TestCluster_LivesFromStartToStop(t *testing.T) {
	t.Parallel()
	cluster, err := Start(t.Context(), Options{Settings: map[string]string{"fsync": "off"}, Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(cluster.URL, "@127.0.0.1:") {
		t.Errorf("URL %s is not on loopback", cluster.URL)
	}
	dial(t, cluster, true)
	if err := cluster.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	dial(t, cluster, true)
	if err := cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	dial(t, cluster, false)
	if _, err := os.Stat(cluster.folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// A setting that the server refuses is reported in its own words, and nothing is left behind.
func TestStart_ReportsWhyTheServerRefused(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Settings: map[string]string{"no_such_setting": "1"}, Log: os.Stderr})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Fatalf("got %v, want the server's sentence about no_such_setting", err)
	}
}

// 15 is newer than 9.6, which a comparison of text would turn round.
func TestDebianVersion_ComparesNumbers(t *testing.T) {
	t.Parallel()
	if debianVersion("/usr/lib/postgresql/15/bin") <= debianVersion("/usr/lib/postgresql/9.6/bin") {
		t.Error("15 must be newer than 9.6")
	}
}

// dial checks that the cluster's port accepts connections, or that it does not.
func dial(t *testing.T, c *Cluster, want bool) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), time.Second)
	if err == nil {
		err = conn.Close()
	}
	if (err == nil) != want {
		t.Errorf("dial: %v, want success %v", err, want)
	}
}

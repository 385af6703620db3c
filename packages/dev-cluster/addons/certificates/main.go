// The controllers of cert-manager that a cluster for development needs, as one process: issuers that sign
// themselves or with a CA, certificates, and those that Ingresses and Gateways ask for by an annotation.
// It has no webhook, no ACME, and opens no port. Upstream's own program is in a module of its own that is not published.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"

	// Each announces its controller, or its kind of issuer.
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

const (
	workers = 2
	// After a refused request; a cluster for development does not ask often.
	shortestPause = time.Minute
	longestPause  = time.Hour
)

// gatewayController is left out where the cluster has no Gateway API.
const gatewayController = "gateway-shim"

func optionsFor(kubeconfig, namespace string, gateways bool) controller.ContextOptions {
	options := controller.ContextOptions{Kubeconfig: kubeconfig, KubernetesAPIQPS: 20, KubernetesAPIBurst: 50}
	options.ClusterResourceNamespace = namespace
	options.DefaultIssuerKind = "ClusterIssuer"
	options.DefaultIssuerGroup = "cert-manager.io"
	options.CertificateRequestMinimumBackoffDuration = shortestPause
	options.CertificateRequestMaximumBackoffDuration = longestPause
	options.MaxConcurrentChallenges = 1
	options.EnableGatewayAPI = gateways
	return options
}

func run(ctx context.Context, options controller.ContextOptions) error {
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	var running sync.WaitGroup
	for name, construct := range controller.Known() {
		if name == gatewayController && !options.EnableGatewayAPI {
			continue
		}
		one, err := construct(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		running.Go(func() {
			if err := one.Run(workers, ctx); err != nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	// Only when all have said what they watch.
	base.SharedInformerFactory.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	if options.EnableGatewayAPI {
		base.GWShared.Start(ctx.Done())
	}
	<-ctx.Done()
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the cluster")
	namespace := flag.String("namespace", "cert-manager", "where Secrets of issuers for the whole cluster are")
	gateways := flag.Bool("gateways", false, "serve Gateways too, whose kinds the cluster must know")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, optionsFor(*kubeconfig, *namespace, *gateways)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

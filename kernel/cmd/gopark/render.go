package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"gopark/kernel/chart"
)

func renderCommand() *cobra.Command {
	var serve bool
	var width int
	var output string
	cmd := &cobra.Command{
		Use:   "render [FILE|-]",
		Short: "Draw a chart as SVG",
		Long: `Render reads a chart as a notebook stores it under
application/vnd.gopark.chart+json, that is

  {"version": 1, "option": {…an ECharts option…}, "height": 360}

and writes it as SVG, the same picture that JupyterLab shows.`,
		Example: `  gopark render chart.json > chart.svg
  gopark render --width 1200 -o chart.svg chart.json`,
		Args: needArgs(0, 1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if serve {
				return chart.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
			}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			var data []byte
			var err error
			if len(args) == 0 || args[0] == "-" {
				data, err = io.ReadAll(cmd.InOrStdin())
			} else {
				data, err = os.ReadFile(args[0])
			}
			if err != nil {
				return err
			}
			renderer, err := chart.New()
			if err != nil {
				return err
			}
			defer renderer.Close()
			svg, err := renderer.SVG(ctx, data, width)
			if err != nil {
				return err
			}
			if output != "" && output != "-" {
				return replaceFile(output, svg)
			}
			_, err = cmd.OutOrStdout().Write(svg)
			return err
		},
	}
	f := cmd.Flags()
	f.IntVar(&width, "width", chartWidth, "the picture's width in pixels")
	f.StringVarP(&output, "output", "o", "", "write to this `FILE` and not to stdout")
	f.BoolVar(&serve, "serve", false, "draw one chart for each line of stdin, for a kernel")
	if err := f.MarkHidden("serve"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

# settle-lab.sh DIR SETTINGS: both kernels, the chart renderer, and the course's
# settings for the JupyterLab in DIR.
set -eu
/opt/gopark/bin/gopark install --prefix "$1"
mkdir -p "$1/share/jupyter/kernels/gonb" "$1/share/jupyter/lab/settings" "$1/etc/jupyter"
sh "$2/gonb-kernelspec.sh" /opt/gopark >"$1/share/jupyter/kernels/gonb/kernel.json"
cp "$2/overrides.json" "$1/share/jupyter/lab/settings/"
cp "$2/jupyter_lab_config.json" "$2/jupyter_server_config.json" "$1/etc/jupyter/"
find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# A stand-in for the image node: the Node of the machine that builds it.
FROM gopark-ci/debian
RUN apt-get update \
 && apt-get install -y --no-install-recommends libstdc++6 libatomic1 \
 && rm -rf /var/lib/apt/lists/*
COPY npm/ /usr/local/lib/node_modules/npm/
COPY node /usr/local/bin/node
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm

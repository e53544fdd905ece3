# Exact versions. Whoever wants the very bytes adds the digest that their registry names: golang:…@sha256:…
FROM golang:1.26.11-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /pointbridge .
RUN mkdir -m 0700 /data && chown 65532:65532 /data

# Nothing but the program, the certificates it trusts, and a user without name and rights. It has no shell and needs none:
# run it with a read-only root, without capabilities, as docker-compose.yml does.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /pointbridge /pointbridge
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/pointbridge", "healthcheck"]
ENTRYPOINT ["/pointbridge"]
CMD ["serve"]

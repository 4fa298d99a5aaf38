{{- define "origin-probe.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 52 bytes, because a StatefulSet's pods and revisions append to it. A Service name must have no dots
     and start with a letter. A Helm release name need not. */}}
{{- define "origin-probe.fullname" -}}
{{- $full := .Values.fullnameOverride }}
{{- if not $full }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full = contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- end }}
{{- $full = regexReplaceAll "-+$" ($full | replace "." "-" | trunc 52) "" }}
{{- if not (regexMatch "^[a-z]" $full) }}
{{- fail (printf "`%s` is not a valid Service name, because it does not start with a letter; set fullnameOverride" $full) }}
{{- end }}
{{- $full }}
{{- end }}

{{- define "origin-probe.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* The selector labels, which values cannot override. */}}
{{- define "origin-probe.selectorLabels" -}}
app.kubernetes.io/name: {{ include "origin-probe.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* The labels of an object of `.root`: the chart's, commonLabels and `.labels`. Later ones override earlier ones. */}}
{{- define "origin-probe.labels" -}}
{{- $root := .root }}
{{- $fixed := include "origin-probe.selectorLabels" $root | fromYaml }}
{{- $_ := set $fixed "app.kubernetes.io/component" (default "exporter" .component) }}
{{- $all := dict "app.kubernetes.io/part-of" "origin-probe" }}
{{- $_ := set $all "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- $_ := set $all "app.kubernetes.io/version" ($root.Chart.AppVersion | replace "+" "_") }}
{{- $_ := set $all "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- range $labels := list $root.Values.commonLabels .labels }}
{{- range $key, $value := $labels }}
{{- if hasKey $fixed $key }}
{{- fail (printf "label `%s` cannot be set, because the chart's selectors use it; remove it" $key) }}
{{- end }}
{{- $_ := set $all $key $value }}
{{- end }}
{{- end }}
{{- toYaml (merge $fixed $all) }}
{{- end }}

{{/* The metadata, without the name, of an object in the namespace `.namespace`. */}}
{{- define "origin-probe.metadata" -}}
namespace: {{ default (include "origin-probe.namespace" .root) .namespace | quote }}
labels:
  {{- include "origin-probe.labels" . | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "origin-probe.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "origin-probe.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "origin-probe.image" -}}
{{- $name := .Values.image.repository }}
{{- with .Values.image.registry }}
{{- $name = printf "%s/%s" . $name }}
{{- end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $name .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "origin-probe.scheme" -}}
{{- $web := .Values.webConfig }}
{{- if and $web.tls (not $web.existingSecretName) }}
{{- fail "webConfig.tls is set without a Secret; set webConfig.existingSecretName" }}
{{- end }}
{{- ternary "https" "http" (default false $web.tls) }}
{{- end }}

{{/* Whether the user provides the ConfigMap or Secret. */}}
{{- define "origin-probe.configExists" -}}
{{- if or .Values.configExistingConfigMapName .Values.configExistingSecretName }}true{{ end }}
{{- end }}

{{/* The configuration file. Fails if it cannot work. */}}
{{- define "origin-probe.config" -}}
{{- $config := deepCopy (default dict .Values.config) }}
{{- include "origin-probe.words" (concat (list (default dict $config.probe)) (default list $config.origins) (default list (dig "discovery" "cloudfront" list $config))) }}
{{- if not (or $config.origins $config.discovery (and $config.probe_endpoint $config.probe_endpoint.enabled)) }}
{{- fail "\n\nno origins are configured; set one of these:\n  --set 'config.origins[0].id=shop,config.origins[0].domain=origin.example.com'\n  --set 'config.discovery.cloudfront[0].name=production'      (the distributions of an AWS account)\n  --set configExistingConfigMapName=NAME                      (or configExistingSecretName)" }}
{{- end }}
{{- $port := int .Values.containerPort }}
{{- $listen := default "0.0.0.0:10502" (dig "web" "listen" "" $config) }}
{{- if not (hasSuffix (printf ":%d" $port) $listen) }}
{{- fail (printf "config.web.listen is %s, but containerPort is %d; set config.web.listen to 0.0.0.0:%d, or to [::]:%d on IPv6 only" $listen $port $port $port) }}
{{- end }}
{{- if regexMatch "^(127\\.|\\[::1\\])" $listen }}
{{- fail (printf "config.web.listen is %s, which the kubelet and Prometheus cannot reach; set it to 0.0.0.0:%d or [::]:%d" $listen $port $port) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* Restores `yes` and `no`, which Helm parses as booleans (YAML 1.1). */}}
{{- define "origin-probe.words" -}}
{{- range $section := . }}
{{- if kindIs "bool" (get $section "reachable_from_here") }}
{{- $_ := set $section "reachable_from_here" (ternary "yes" "no" $section.reachable_from_here) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The configuration files, by name. */}}
{{- define "origin-probe.files" -}}
{{- $files := deepCopy (default dict .Values.configExtraFiles) }}
{{- if hasKey $files .Values.configKey }}
{{- fail (printf "configExtraFiles: `%s` is the name of the file made from `config`; use another name, or change configKey" .Values.configKey) }}
{{- end }}
{{- $_ := set $files .Values.configKey (include "origin-probe.config" . | printf "%s\n") }}
{{- if .Values.secretConfig }}
{{- range $name, $content := $files }}
{{- $_ := set $files $name (b64enc $content) }}
{{- end }}
{{- end }}
{{- toYaml $files }}
{{- end }}

{{/* A container probe. Adds httpGet or tcpSocket unless the values set a handler. */}}
{{- define "origin-probe.containerProbe" -}}
{{- $way := dict }}
{{- if not (or (hasKey .probe "httpGet") (hasKey .probe "tcpSocket") (hasKey .probe "exec") (hasKey .probe "grpc")) }}
{{- if eq .root.Values.webConfig.probes "tcpSocket" }}
{{- $way = dict "tcpSocket" (dict "port" "http") }}
{{- else if eq (include "origin-probe.scheme" .root) "https" }}
{{- $way = dict "httpGet" (dict "path" .path "port" "http" "scheme" "HTTPS") }}
{{- else }}
{{- $way = dict "httpGet" (dict "path" .path "port" "http") }}
{{- end }}
{{- end }}
{{- toYaml (merge (deepCopy .probe) $way) }}
{{- end }}

{{/* A duration in Prometheus's format, in milliseconds. */}}
{{- define "origin-probe.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 }}
{{- $sum := 0 }}
{{- range regexFindAll "[0-9]+(ms|[smhdwy])" . -1 }}
{{- $sum = add $sum (mul (regexFind "[0-9]+" . | int64) (get $units (regexFind "[a-z]+" .) | int64)) }}
{{- end }}
{{- $sum }}
{{- end }}

{{/* Fails if the timeout of `.scrape`, the value named `.name`, exceeds its interval. The operator drops such an
     object silently. */}}
{{- define "origin-probe.timeout" -}}
{{- if and .scrape.scrapeTimeout .scrape.interval }}
{{- if gt (include "origin-probe.milliseconds" .scrape.scrapeTimeout | int64) (include "origin-probe.milliseconds" .scrape.interval | int64) }}
{{- fail (printf "%s.scrapeTimeout (%s) is longer than %s.interval (%s); lower the timeout or raise the interval" .name .scrape.scrapeTimeout .name .scrape.interval) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A Kubernetes memory quantity in bytes, as a decimal. */}}
{{- define "origin-probe.bytes" -}}
{{- $units := dict "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 }}
{{- mulf (regexFind "^[0-9.]+([eE][-+]?[0-9]+)?" (toString .) | float64) (default 1.0 (get $units (regexFind "[A-Za-z]+$" (toString .)))) }}
{{- end }}

{{/* Fails if the memory request exceeds the limit, for example because only one of them was changed. */}}
{{- define "origin-probe.resources" -}}
{{- $request := dig "requests" "memory" "" . }}
{{- $limit := dig "limits" "memory" "" . }}
{{- if and $request $limit }}
{{- if gt (include "origin-probe.bytes" $request | float64) (include "origin-probe.bytes" $limit | float64) }}
{{- fail (printf "resources.requests.memory (%v) is more than resources.limits.memory (%v); set both" $request $limit) }}
{{- end }}
{{- end }}
{{- toYaml . }}
{{- end }}
